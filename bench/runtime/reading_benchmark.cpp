// SPDX-License-Identifier: GPL-3.0-or-later
// How fast frames are read, beside the plainest loop that could read them: libtiff strip by strip for TIFF,
// fread for DM4 and MRC, both into one buffer that is used again. Stacks of 2048 x 2048 pixels of 16 bits,
// 64 frames, in the page cache. The factor is benchmark time over the plain loop's.
#include <benchmark/benchmark.h>
#include <tiffio.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <vector>

#include "io/test_containers.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/tiff_writer.h"

namespace {

using namespace sinterscope;
namespace fs = std::filesystem;

constexpr int side = 2048;
constexpr int frames = 64;
constexpr std::size_t frame_bytes = 2ULL * side * side;

// The files, removed at the end.
class Files {
 public:
  Files() : folder_(fs::temp_directory_path() / ("sinterscope_reading_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    cv::Mat1w frame(side, side);
    cv::RNG random(1);
    random.fill(frame, cv::RNG::UNIFORM, 0, 4096);
    TiffStackFormat format;
    format.frames = frames;
    TiffStackWriter tiff(path("tif"), format);
    for (int i = 0; i < frames; ++i) tiff.write(frame);
    tiff.finish();
    test::MrcTestFile mrc;
    mrc.sections.assign(frames, frame);
    write("mrc", test::mrc_bytes(mrc));
    test::DmTestFile dm;
    dm.version = 4;
    test::DmTestImage image;
    image.dimensions = {side, side, frames};
    const std::string pixels = test::pixels_of(frame);
    for (int i = 0; i < frames; ++i) image.pixels += pixels;
    dm.images = {image};
    write("dm4", test::dm_bytes(dm));
  }
  ~Files() { fs::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  fs::path path(const char* extension) const { return folder_ / (std::string("stack.") + extension); }

 private:
  void write(const char* extension, const std::string& bytes) const {
    std::FILE* file = std::fopen(path(extension).c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
  }

  fs::path folder_;
};

const Files& files() {
  static const Files all;
  return all;
}

void count(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(frames * frame_bytes));
}

void plain_libtiff(benchmark::State& state) {
  std::vector<unsigned char> buffer(frame_bytes);
  for (auto _ : state) {
    TIFF* tiff = TIFFOpen(files().path("tif").c_str(), "r");
    do {
      tmsize_t at = 0;
      for (std::uint32_t strip = 0; strip < TIFFNumberOfStrips(tiff); ++strip)
        at += TIFFReadEncodedStrip(tiff, strip, buffer.data() + at, -1);
      benchmark::DoNotOptimize(buffer.data());
    } while (TIFFReadDirectory(tiff) != 0);
    TIFFClose(tiff);
  }
  count(state);
}

void plain_fread(benchmark::State& state, const char* extension) {
  std::vector<unsigned char> buffer(frame_bytes);
  for (auto _ : state) {
    std::FILE* file = std::fopen(files().path(extension).c_str(), "rb");
    std::fseek(file, 1024, SEEK_SET);
    for (int i = 0; i + 1 < frames; ++i)
      benchmark::DoNotOptimize(std::fread(buffer.data(), 1, frame_bytes, file));
    benchmark::DoNotOptimize(std::fread(buffer.data(), 1, frame_bytes, file));
    std::fclose(file);
  }
  count(state);
}

void frames_as_stored(benchmark::State& state, const char* extension) {
  for (auto _ : state) {
    const auto source = open_frames(files().path(extension));
    for (std::size_t i = 0; i < source->size(); ++i) benchmark::DoNotOptimize(source->load_native(i).data);
  }
  count(state);
}

void frames_as_float(benchmark::State& state, const char* extension) {
  for (auto _ : state) {
    const auto source = open_frames(files().path(extension));
    for (std::size_t i = 0; i < source->size(); ++i) benchmark::DoNotOptimize(source->load(i).pixels.data);
  }
  count(state);
}

BENCHMARK(plain_libtiff)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames_as_stored, tif, "tif")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames_as_float, tif, "tif")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plain_fread, dm4, "dm4")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames_as_stored, dm4, "dm4")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames_as_float, dm4, "dm4")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plain_fread, mrc, "mrc")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames_as_stored, mrc, "mrc")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames_as_float, mrc, "mrc")->Unit(benchmark::kMillisecond);

}  // namespace
