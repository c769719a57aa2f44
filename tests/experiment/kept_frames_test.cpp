// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/kept_frames.h"

#include <gtest/gtest.h>

namespace sinterscope {
namespace {

/// Frames of 512 x 512 pixels (one megabyte each) that show their number; counts how often each is loaded.
class CountedFrames : public FrameSource {
 public:
  explicit CountedFrames(std::vector<int>& loads) : loads_(&loads) {
    description_.frames = loads.size();
    description_.width = description_.height = 512;
  }
  const SourceDescription& description() const override { return description_; }
  Frame load(std::size_t i) const override {
    ++loads_->at(i);
    Frame frame;
    frame.pixels = cv::Mat1f(512, 512, static_cast<float>(i));
    return frame;
  }

 private:
  std::vector<int>* loads_;
  SourceDescription description_;
};

KeptFrames kept(std::vector<int>& loads, const std::shared_ptr<FrameStore>& store) {
  return {std::make_unique<CountedFrames>(loads), store};
}

TEST(KeptFrames, LoadTheLastFramesOnce) {
  std::vector<int> loads(4, 0);
  const KeptFrames frames = kept(loads, std::make_shared<FrameStore>(2, 100));
  for (const std::size_t i :
       {0U, 1U, 0U, 2U, 0U, 1U})  // when 2 comes, 1 is the one that was not used longest
    EXPECT_EQ(frames.load(i).pixels(3, 5), static_cast<float>(i));
  EXPECT_EQ(loads, (std::vector<int>{1, 2, 1, 0}));
}

TEST(KeptFrames, OfSeveralSourcesShareTheBytes) {
  std::vector<int> loads(3, 0), others(3, 0);
  const auto store = std::make_shared<FrameStore>(100, 2);
  const KeptFrames frames = kept(loads, store), beside = kept(others, store);
  for (int round = 0; round < 2; ++round) frames.load(0), beside.load(0);
  EXPECT_EQ(loads[0] + others[0], 2) << "both fit";
  beside.load(1), frames.load(0);
  EXPECT_EQ(loads[0], 2) << "three do not";
}

TEST(KeptFrames, LargerThanTheStoreAreLoadedEachTime) {
  std::vector<int> loads(1, 0);
  const KeptFrames frames = kept(loads, std::make_shared<FrameStore>(8, 0));
  frames.load(0), frames.load(0);
  EXPECT_EQ(loads[0], 2);
}

}  // namespace
}  // namespace sinterscope
