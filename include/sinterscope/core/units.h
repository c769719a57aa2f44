// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Units and constants, the only place where a physical constant is written down.
//
// Native units everywhere inside the program: nm, s, K, eV, Pa, counts; a name carries its unit (diameter_nm,
// delta_h_eV). Degrees Celsius and pixels live at the edges only.
// Constants: CODATA 2018 (Tiesinga et al., Rev. Mod. Phys. 93, 025010, 2021).

namespace sinterscope {

inline constexpr double boltzmann_eV_per_K = 8.617333262e-5;
inline constexpr double avogadro_per_mol = 6.02214076e23;
inline constexpr double eV_per_nm2_from_J_per_m2 = 6.241509074;  ///< surface energy 1 J/m^2 in eV/nm^2
inline constexpr double zero_celsius_K = 273.15;
inline constexpr double pi = 3.14159265358979323846;

constexpr double kelvin_from_celsius(double celsius) { return celsius + zero_celsius_K; }
constexpr double celsius_from_kelvin(double kelvin) { return kelvin - zero_celsius_K; }

}  // namespace sinterscope
