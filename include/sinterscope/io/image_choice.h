// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which image of a file that holds several is meant. Never by position: the order of images in a container is
// that of random names. A name or a detector decides; without one there must be a single image, or a single
// HAADF one, which is then read with a warning that names the others.

#include <cstddef>
#include <string>
#include <vector>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

struct ImageCandidate {
  DatasetNote note;      ///< note.image: can be read as frames; else note.note says why not
  std::string detector;  ///< as the file names it; empty = unknown
};

/// The notes for SourceDescription::datasets; the detector is told where there is nothing else to say.
std::vector<DatasetNote> notes_of(const std::vector<ImageCandidate>& candidates);

/// Index of the image that the options mean. Appends to `warnings` where one was preferred to others. A
/// detector is asked for in vain only where the file names detectors. Throws Error naming the candidates
/// otherwise.
std::size_t choose_image(const std::vector<ImageCandidate>& candidates, const OpenOptions& options,
                         std::vector<std::string>& warnings);

}  // namespace sinterscope
