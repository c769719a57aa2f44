// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/image_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "sinterscope/core/error.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

// A leading '/' may be left out.
bool same_name(std::string_view asked, std::string_view name) {
  return asked == name || (!name.empty() && name.front() == '/' && asked == name.substr(1));
}

// "haadf-s" begins with the word "haadf", "sei" does not with "se".
bool begins_with_word(const std::string& name, const std::string& word) {
  return name.compare(0, word.size(), word) == 0 && name.size() > word.size() &&
         std::isalnum(static_cast<unsigned char>(name[word.size()])) == 0;
}

std::string told(const ImageCandidate& candidate) {
  std::string details = candidate.note.shape;
  for (const std::string& more : {candidate.note.dtype, candidate.detector})
    if (!more.empty()) details += (details.empty() ? "" : ", ") + more;
  return details.empty() ? candidate.note.name : fmt::format("{} ({})", candidate.note.name, details);
}

template <typename Which>
std::vector<std::string> told_of(const std::vector<ImageCandidate>& candidates, Which which) {
  constexpr std::size_t most = 20;
  std::vector<std::string> result;
  for (const ImageCandidate& candidate : candidates)
    if (which(candidate) && result.size() < most) result.push_back(told(candidate));
  return result;
}

Error none_matches(const std::vector<ImageCandidate>& candidates, const OpenOptions& options) {
  std::vector<std::string> names;
  std::vector<std::string> detectors;
  for (const ImageCandidate& candidate : candidates) {
    names.push_back(candidate.note.name);
    if (!candidate.detector.empty()) detectors.push_back(candidate.detector);
  }
  if (!options.dataset.empty() && std::none_of(names.begin(), names.end(), [&](const auto& name) {
        return same_name(options.dataset, name);
      }))
    return Error(
        fmt::format("there is no dataset '{}' (nearest: '{}'; links out of the file are not followed)",
                    options.dataset, nearest_name(options.dataset, names)));
  return Error(fmt::format("there is no image of detector '{}'; there is {}", options.detector,
                           fmt::join(detectors, ", ")));
}

}  // namespace

std::vector<DatasetNote> notes_of(const std::vector<ImageCandidate>& candidates) {
  std::vector<DatasetNote> notes;
  for (const ImageCandidate& candidate : candidates) {
    notes.push_back(candidate.note);
    if (notes.back().note.empty()) notes.back().note = candidate.detector;
  }
  return notes;
}

std::size_t choose_image(const std::vector<ImageCandidate>& candidates, const OpenOptions& options,
                         std::vector<std::string>& warnings) {
  const bool detectors_named =
      std::any_of(candidates.begin(), candidates.end(), [](const auto& c) { return !c.detector.empty(); });
  // "HAADF" also means "HAADF-S" and "SE" also "SE(U)", where none is called by exactly that name.
  const std::string asked = lower(options.detector);
  const bool exactly = std::any_of(candidates.begin(), candidates.end(),
                                   [&](const auto& c) { return lower(c.detector) == asked; });
  const auto meant = [&](const ImageCandidate& candidate) {
    const std::string own = lower(candidate.detector);
    const bool by_name = options.dataset.empty() || same_name(options.dataset, candidate.note.name);
    const bool by_detector =
        asked.empty() || !detectors_named || own == asked || (!exactly && begins_with_word(own, asked));
    return by_name && by_detector;
  };
  std::vector<std::size_t> images;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (meant(candidates[i]) && candidates[i].note.image) images.push_back(i);
  if (images.size() == 1) return images.front();
  if (images.empty()) {
    if (candidates.empty() && options.dataset.empty()) throw Error("holds no dataset");
    std::vector<std::string> reasons;
    for (const ImageCandidate& candidate : candidates)
      if (meant(candidate) && reasons.size() < 8)
        reasons.push_back(fmt::format("{}: {}", told(candidate), candidate.note.note));
    if (reasons.empty()) throw none_matches(candidates, options);
    throw Error(fmt::format("holds no real-space image to read: {}", fmt::join(reasons, "; ")));
  }
  std::vector<std::size_t> haadf;
  std::copy_if(images.begin(), images.end(), std::back_inserter(haadf),
               [&](std::size_t i) { return candidates[i].detector == "HAADF"; });
  if (haadf.size() != 1 && options.first_of_several) {
    warnings.push_back(fmt::format("holds {} images, this is {}: choose with \"dataset\" or \"detector\"",
                                   images.size(), told(candidates[images.front()])));
    return images.front();
  }
  if (haadf.size() != 1)
    throw Error(fmt::format(
        "holds {} images, name one with \"dataset\" or \"detector\": {}", images.size(),
        fmt::join(told_of(candidates, [&](const ImageCandidate& c) { return meant(c) && c.note.image; }),
                  "; ")));
  const std::size_t chosen = haadf.front();
  warnings.push_back(fmt::format("HAADF is read; the file also holds {}",
                                 fmt::join(told_of(candidates,
                                                   [&](const ImageCandidate& c) {
                                                     return meant(c) && c.note.image &&
                                                            &c != &candidates[chosen];
                                                   }),
                                           "; ")));
  return chosen;
}

}  // namespace sinterscope
