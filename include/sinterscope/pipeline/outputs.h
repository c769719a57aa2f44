// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The files of an output directory, with the names and columns of the interface. Each appears under its final
// name only when complete.

#include <filesystem>

#include "sinterscope/core/table.h"
#include "sinterscope/pipeline/products.h"

namespace sinterscope {

void write_particles(const Products& products, const std::filesystem::path& path);  ///< row by row
Table track_table(const Products& products);
Table event_table(const Products& products);
Table hold_table(const Products& products);
nlohmann::json fit_json(const Products& products);
/// What the imaging stages measured of each region: noise, rows, drift, support.
nlohmann::json imaging_json(const Products& products);

/// particles.csv, tracks.csv, events.csv, holds.csv, the tables of sizes (size_outputs.h), fit.json.
void write_tables(const Products& products, const std::filesystem::path& folder);

/// locality.csv: size class, catchment and local concentration of every particle of every hold;
/// locality.json: the boundary of the classes, what each class holds, and the test of avoidance;
/// locality_map.tif: the local concentration, one 32-bit page per hold (locality_map_REGION.tif where there
/// are several regions). Nothing where there is no inventory of atoms.
void write_locality(const Products& products, const std::filesystem::path& folder);

/// labels.tif: one 16-bit page per frame, the number of a particle's track + 1 inside its outline, 0
/// elsewhere; calibrated where the frames are. By config.outputs also rois.zip (the outlines for ImageJ),
/// trackmate.xml, labels.ome.tif, labels.hspy and the image stack itself. One file for one region; labels_REGION.tif and so
/// on where there are several.
void write_image_stacks(const Products& products, const std::filesystem::path& folder,
                        const RunContext& context);

/// overlay/frame_00000.png ...: each frame with its particles outlined; at most `most` frames, evenly over
/// the holds.
void write_overlays(const Products& products, const std::filesystem::path& folder, int most,
                    const RunContext& context);

}  // namespace sinterscope
