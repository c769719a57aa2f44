#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a diameter can be known where it and the amplitude can hardly be told apart: prints a markdown table.

  bench/accuracy/diameter_bound.py [--draws 6000] [--seed 7]

A cap of 1.41 nm with the contrast of HAADF on 60 counts/px at 0.15 nm/px, probe sigma 0.25 nm known; position, diameter,
amplitude and a background plane free; the pixels of the fit's round window. Two questions:

1. Which rms is forbidden to an unbiased estimate? The bound of Barankin (Ann. Math. Stat. 20, 477, 1949, DOI
   10.1214/aoms/1177729943) with the derivatives (McAulay and Hofstetter, IEEE Trans. Inf. Theory 17, 669, 1971, DOI
   10.1109/TIT.1971.1054719), exact for Poisson counts:
   test points in flux, flux times d^2 and place within `reach` standard errors.
2. What do estimates reach that use all that the image says? The likelihood on a grid of d and place, flux and plane
   profiled out: its top, its top with the place integrated out, and means and medians of d under flat priors. Linear normal
   noise in the space of all images of the grid; left out are draws whose most likely diameter is not told from nothing
   (error of ln d above 1), as the bench leaves them out.

numpy and scipy only; knows nothing of the sizer's tables.
"""
import argparse

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import i0e

PIXEL, PROBE, DOSE, D, SIGMAS = 0.15, 0.25, 60.0, 1.41, 5.0
SIGMA = np.sqrt((PROBE / PIXEL) ** 2 + 1 / 12)
D0 = D / PIXEL
A0 = DOSE * 0.30 * 0.5 * D
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def cap(x, y, pixels, diameter):
    """A cap of amplitude 1 at (x, y) behind the blur, at the pixels: rings of sqrt(1 - t^2) summed outwards."""
    angle = (NODES + 1) * np.pi / 4
    t = 0.5 * diameter * np.sin(angle)
    weight = WEIGHTS * np.pi / 4 * np.cos(angle) ** 2 * 0.5 * diameter * t / SIGMA**2
    r = np.hypot(pixels[0] - x, pixels[1] - y)[:, None]
    return (weight * np.exp(-((r - t) ** 2) / (2 * SIGMA**2)) * i0e(r * t / SIGMA**2)).sum(-1)


def window(radius):
    line = np.arange(-int(radius) - 1, int(radius) + 2.0)
    x, y = (one.ravel() for one in np.meshgrid(line, line))
    inside = np.hypot(x, y) <= radius
    return x[inside], y[inside]


class Linear:
    """Derivatives at the truth and the Cramer-Rao bound."""

    def __init__(self, pixels, place=(0.2, -0.3), h=0.01):
        self.pixels, self.place = pixels, place
        self.mean = DOSE + A0 * cap(*place, pixels, D0)
        x, y = place
        by = lambda a, b: A0 * (a - b) / (2 * h)
        self.rows = np.array([by(cap(x, y, pixels, D0 + h), cap(x, y, pixels, D0 - h)),
                              by(cap(x + h, y, pixels, D0), cap(x - h, y, pixels, D0)),
                              by(cap(x, y + h, pixels, D0), cap(x, y - h, pixels, D0)),
                              cap(x, y, pixels, D0), np.ones_like(pixels[0]), pixels[0] / 20, pixels[1] / 20])
        self.information = (self.rows / self.mean) @ self.rows.T
        self.covariance = np.linalg.inv(self.information)
        self.bound = np.sqrt(self.covariance[0, 0])


def barankin(at, reach, across, steps):
    """Over the Cramer-Rao bound. Test points: `across` by `across` in the plane of flux and flux d^2, each at the places."""
    to_moments = np.array([[2 / D0, 1 / A0], [4 / D0, 1 / A0]])
    spread = to_moments @ at.covariance[np.ix_([0, 3], [0, 3])] @ to_moments.T
    size, axes = np.linalg.eigh(spread)
    line = np.linspace(-reach, reach, across)
    away, images = [], []
    for a in line:
        for b in line:
            flux, moment = 1 + axes @ (np.sqrt(size) * [a, b])
            if np.hypot(a, b) > reach + 1e-9 or flux < 0.02 or not 0.03 < moment / flux < 5:
                continue
            d = D0 * np.sqrt(moment / flux)
            for step in steps:
                if a == b == step[0] == step[1] == 0:
                    continue
                x, y = np.array(at.place) + np.sqrt(at.covariance[1, 1]) * np.array(step)
                image = A0 * flux / (moment / flux) * cap(x, y, at.pixels, d) + DOSE - at.mean
                images.append(image - (image / at.mean).sum() / (1 / at.mean).sum())
                away.append(d - D0)
    images = np.array(images)
    likelihoods = np.expm1((images / at.mean) @ images.T)
    mixed = (images / at.mean) @ at.rows.T
    matrix = np.block([[likelihoods, mixed], [mixed.T, at.information]])
    wanted = np.concatenate([away, [1], np.zeros(len(at.rows) - 1)])
    scale = 1 / np.sqrt(np.diag(matrix))
    size, axes = np.linalg.eigh(matrix * scale * scale[:, None])
    kept = size > 1e-8 * size.max()  # any subspace gives a bound
    return np.sqrt(((axes.T @ (wanted * scale))[kept] ** 2 / size[kept]).sum()) / at.bound


def estimates(at, draws, random):
    """Rows (name, bias, rms over the Cramer-Rao bound), and the share of draws left out."""
    squares, line = np.linspace(0.02, 4.5, 50), np.arange(-1.75, 1.8, 0.25)
    weight = 1 / np.sqrt(DOSE + A0 * cap(0, 0, at.pixels, D0))
    plane = np.linalg.qr((np.array([np.ones_like(weight), *at.pixels]) * weight).T)[0]
    seen = lambda image: image * weight - (image * weight) @ plane @ plane.T
    images = np.array([seen(A0 / q * cap(x, y, at.pixels, D0 * np.sqrt(q)))
                       for q in squares for x in line for y in line])
    _, size, axes = np.linalg.svd(images[::3], full_matrices=False)
    axes = axes[: (size > 3e-4 * size[0]).sum()]
    images = (images @ axes.T).reshape(len(squares), len(line) ** 2, len(axes))
    truth, power, centre = axes @ seen(A0 * cap(0, 0, at.pixels, D0)), (images**2).sum(-1), len(line) ** 2 // 2
    top, integrated, flux = [], [], []
    for _ in range(draws // 250):
        product = np.einsum("nk,qpk->nqp", truth + random.normal(size=(250, len(truth))), images, optimize=True)
        height = 0.5 * np.maximum(product, 0) ** 2 / power
        best = height.argmax(-1)[..., None]
        top.append(height.max(-1))
        integrated.append(top[-1] + np.log(np.exp(height - top[-1][..., None]).sum(-1)))
        flux.append(np.take_along_axis(product, best, 2)[..., 0] / power[:, centre])
    fine = np.linspace(squares[0], squares[-1], 1500)
    top, integrated, flux = (CubicSpline(squares, np.concatenate(one), axis=1)(fine) for one in (top, integrated, flux))
    middle = images[:, centre]
    slope = CubicSpline(squares, middle, axis=0)(squares, 1) * 2 * squares[:, None]  # by ln d
    own = (slope**2).sum(1) - (slope * middle).sum(1) ** 2 / power[:, centre]
    best = top.argmax(1)
    told = 1 / np.sqrt(np.interp(fine[best], squares, own)) / flux[np.arange(len(best)), best] < 1

    def row(name, diameter):
        error = diameter[told] - 1
        return name, error.mean(), np.sqrt((error**2).mean()) / (at.bound / D0)

    rows = [row("top of the likelihood", np.sqrt(fine[best])),
            row("top, place integrated out", np.sqrt(fine[integrated.argmax(1)]))]
    for power_of_q, flat_in in ((-0.5, "d"), (-0.25, "q^(3/4)"), (0.0, "q = d^2")):
        share = np.exp(integrated - integrated.max(1, keepdims=True)) * fine**power_of_q
        share /= share.sum(1, keepdims=True)
        rows.append(row(f"mean of d, prior flat in {flat_in}", share @ np.sqrt(fine)))
        rows.append(row(f"median, prior flat in {flat_in}", np.sqrt(fine[(share.cumsum(1) < 0.5).sum(1)])))
    return rows, 1 - told.mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    print("| window beyond the edge / blurred sigmas | Cramer-Rao bound / % |\n|---|---|")
    for sigmas in (3, 5, 7, 10):
        print(f"| {sigmas} | {100 * Linear(window(D0 / 2 + sigmas * SIGMA + 1)).bound / D0:.2f} |")
    at = Linear(window(D0 / 2 + SIGMAS * SIGMA + 1))
    print("\n| test points within / standard errors | of place | Barankin over Cramer-Rao |\n|---|---|---|")
    cross = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    for name, steps in (("none", cross[:1]), ("one standard error", cross)):
        for reach, across in ((1, 5), (1.8, 5), (2.5, 7)):
            print(f"| {reach} | {name} | {barankin(at, reach, across, steps):.3f} |")
    rows, left_out = estimates(at, arguments.draws, np.random.default_rng(arguments.seed))
    print(f"\n{100 * left_out:.1f} % left out.\n\n| estimate | bias / % | rms over Cramer-Rao |\n|---|---|---|")
    for name, bias, rms in rows:
        print(f"| {name} | {100 * bias:+.2f} | {rms:.3f} |")


if __name__ == "__main__":
    main()
