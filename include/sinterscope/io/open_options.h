// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a user may say about a file of frames before it is opened.

#include <string>

#include "sinterscope/core/options.h"

namespace sinterscope {

struct OpenOptions {
  std::string dataset;      ///< which image of a file that holds several; "" = the only one
  std::string detector;     ///< which detector of a file that holds several; "" = the only one, else HAADF
  int cut_bottom_rows = 0;  ///< rows of a burnt-in data bar to drop; 0 = by the file's metadata
  bool first_of_several = false;   ///< where several images match, read the first instead of asking which
  bool cut_info_bar = true;        ///< drop the data bar that the metadata tell of
  int max_frame_megabytes = 2048;  ///< largest frame that is read

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.dataset, {"dataset", "", "name of the image inside a file that holds several (see inspect)"});
    visit(self.detector,
          {"detector", "", "name of the detector inside a file that holds several (see inspect)"});
    visit(self.first_of_several,
          {"first_of_several", "", "where several images match, read the first instead of asking which"});
    visit(self.cut_bottom_rows,
          {"cut_bottom_rows", "px", "rows of a burnt-in data bar to drop at the bottom", 0, 1e6});
    visit(self.cut_info_bar,
          {"cut_info_bar", "", "drop the data bar at the bottom that the file's metadata tell of"});
    visit(self.max_frame_megabytes,
          {"max_frame_megabytes", "MB", "refuse files whose frames are larger", 1, 1e6});
  }
};

}  // namespace sinterscope
