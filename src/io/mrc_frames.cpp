// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/mrc_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/length_unit.h"
#include "sinterscope/io/sample_type.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

constexpr std::uint64_t header_bytes = 1024;

class MrcFrames final : public FileFrames {
 public:
  MrcFrames(const std::filesystem::path& path, const OpenOptions& options)
      : FileFrames(path, options), file_(path, "MRC") {
    description_.format = "MRC";
    file_.require(0, header_bytes, "header");
    find_byte_order();
    const std::int64_t columns = whole(0, "NX");
    const std::int64_t rows = whole(4, "NY");
    const std::int64_t sections = whole(8, "NZ");
    const std::int64_t extended = whole(92, "NSYMBT");
    if (columns <= 0 || rows <= 0 || sections <= 0)
      throw file_.error(
          fmt::format("NX, NY, NZ at offset 0 are {}, {}, {}: must be positive, the header is damaged",
                      columns, rows, sections));
    if (extended < 0)
      throw file_.error(
          fmt::format("NSYMBT at offset 92 is {}: must not be negative, the header is damaged", extended));
    type_ = sample_type(whole(12, "MODE"));
    offset_ = header_bytes + static_cast<std::uint64_t>(extended);
    full_height_ = static_cast<int>(std::min<std::int64_t>(rows, 1 << 30));
    set_shape(static_cast<std::uint64_t>(sections), static_cast<std::uint64_t>(columns),
              static_cast<std::uint64_t>(rows), bytes_of(type_));
    const std::uint64_t frame_bytes = static_cast<std::uint64_t>(columns * rows) * bytes_of(type_);
    std::uint64_t all_bytes = 0;
    if (__builtin_mul_overflow(frame_bytes, static_cast<std::uint64_t>(sections), &all_bytes))
      throw file_.error("the size of all sections overflows: damaged");
    file_.require(offset_, all_bytes, fmt::format("{} sections of {} x {}", sections, rows, columns));
    description_.dtype = name_of(type_);
    description_.datasets.push_back({"sections", fmt::format("{} x {} x {}", sections, rows, columns),
                                     description_.dtype, true,
                                     extended > 0 ? fmt::format("{} bytes of extended header '{}'", extended,
                                                                trimmed(file_.text(104, 4, "EXTTYP")))
                                                  : ""});
    set_calibration();
    read_fei_blocks(static_cast<std::uint64_t>(extended));
    read_movie_note();
  }

 private:
  std::int32_t whole(std::uint64_t offset, std::string_view field) const {
    return file_.number<std::int32_t>(offset, order_, field);
  }
  double real(std::uint64_t offset, std::string_view field) const {
    return file_.number<float>(offset, order_, field);
  }

  // The machine stamp, or where an old file has none: the order in which NX and MODE make sense.
  void find_byte_order() {
    const int stamp = file_.number<std::uint8_t>(212, ByteOrder::little, "machine stamp");
    if (stamp == 0x11) {
      order_ = ByteOrder::big;
    } else if (stamp != 0x44) {
      const bool sane =
          whole(0, "NX") > 0 && whole(0, "NX") <= 65535 && whole(12, "MODE") >= 0 && whole(12, "MODE") <= 200;
      if (!sane) order_ = ByteOrder::big;
    }
  }

  SampleType sample_type(int mode) {
    // MRC2014 says mode 0 is signed, many writers meant bytes: IMOD marks which (stamp "IMOD", flag bit 0 =
    // signed).
    const std::string stamp = file_.text(152, 4, "IMOD stamp");
    const bool imod = stamp == "IMOD" || stamp == "DOMI";
    switch (mode) {
      case 0:
        if (imod) return (whole(156, "IMOD flags") & 1) != 0 ? SampleType::i8 : SampleType::u8;
        description_.warnings.emplace_back(
            "MRC mode 0 without IMOD's mark: read as signed 8 bit, as MRC2014 says");
        return SampleType::i8;
      case 1:
        return SampleType::i16;
      case 2:
        return SampleType::f32;
      case 6:
        return SampleType::u16;
      case 12:
        return SampleType::f16;
      case 3:
      case 4:
        throw file_.error(
            fmt::format("MODE {} at offset 12 is complex: Fourier data, not a real-space image", mode));
      case 16:
        throw file_.error("MODE 16 at offset 12 is RGB: a picture, not intensities; convert to mode 1 or 2");
      case 101:
        throw file_.error("MODE 101 at offset 12 (4 bits a pixel) is not supported: convert to mode 6");
      default:
        throw file_.error(fmt::format("MODE {} at offset 12 is unknown: damaged, or no MRC file", mode));
    }
  }

  // The cell in Angstrom over the sampling of the cell.
  void set_calibration() {
    const double x = real(40, "cell x") / whole(28, "MX");
    const double y = real(44, "cell y") / whole(32, "MY");
    description_.calibration = calibration_from(x, y, "A", "MRC cell / sampling");
  }

  // Thermo Fisher writes one block of metadata a section ("FEI1", "FEI2"): its own length at 0, days since
  // 1900 at 12, pixel size in m at 156 and 164.
  void read_fei_blocks(std::uint64_t extended) {
    constexpr std::uint64_t shortest = 172;
    constexpr std::uint64_t longest = 1U << 16U;
    const std::string kind = file_.text(104, 4, "EXTTYP");
    const bool fei = (kind == "FEI1" || kind == "FEI2") && extended >= shortest;
    const auto block = fei ? static_cast<std::uint64_t>(whole(header_bytes, "FEI block length")) : 0;
    if (block >= shortest && block <= longest) {
      const auto number = [this](std::uint64_t at) { return file_.number<double>(at, order_, "FEI block"); };
      if (!description_.calibration.calibrated())
        description_.calibration = calibration_from(number(header_bytes + 156), number(header_bytes + 164),
                                                    "m", "MRC extended header " + kind);
      if (size() > 1 && size() <= extended / block) {
        constexpr double seconds_per_day = 86400.0;
        std::vector<double> times;
        for (std::size_t i = 0; i < size(); ++i)
          times.push_back((number(header_bytes + i * block + 12) - number(header_bytes + 12)) *
                          seconds_per_day);
        if (std::all_of(times.begin(), times.end(), [](double t) { return std::isfinite(t); }) &&
            std::is_sorted(times.begin(), times.end()) && times.back() > 0.0) {
          description_.frame_interval_s = times.back() / static_cast<double>(size() - 1);
          description_.times_s = std::move(times);
        }
      }
    }
    if (!description_.calibration.calibrated())
      description_.warnings.emplace_back("MRC header without a positive cell: no pixel size");
  }

  // Direct Electron cameras put "key = value" lines beside: X_movie.mrc and X_info.txt.
  void read_movie_note() {
    std::string stem = path_.stem().string();
    const std::size_t cut = stem.rfind("_movie");
    if (cut != stem.npos) stem.resize(cut);
    const std::filesystem::path note = path_.parent_path() / (stem + "_info.txt");
    std::error_code failure;
    if (!std::filesystem::is_regular_file(note, failure) ||
        std::filesystem::file_size(note, failure) > (1U << 20U))
      return;
    const IniText ini = parse_ini(read_text_file(note));
    const double rate = leading_number(ini_value(ini, "", "Frames Per Second").value_or("")).value_or(0.0);
    if (rate > 0.0 && !description_.frame_interval_s) description_.frame_interval_s = 1.0 / rate;
  }

  cv::Mat read_frame(std::size_t i) const override {
    const std::uint64_t bytes = static_cast<std::uint64_t>(description_.width) *
                                static_cast<std::uint64_t>(full_height_) * bytes_of(type_);
    return read_matrix(file_, offset_ + i * bytes, full_height_, description_.width, type_, order_);
  }

  InputFile file_;
  ByteOrder order_ = ByteOrder::little;
  SampleType type_ = SampleType::u8;
  std::uint64_t offset_ = 0;
  int full_height_ = 0;
};

}  // namespace

bool is_mrc(std::string_view head) {
  if (head.size() < header_bytes) return false;
  if (head.substr(208, 3) == "MAP") return true;
  // Old files have no mark: the whole of the header must make sense.
  for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
    const auto whole = [&](std::size_t at) { return number_from<std::int32_t>(head.data() + at, order); };
    const auto sane = [&whole](std::size_t at) { return whole(at) > 0 && whole(at) <= 65535; };
    const bool axes = whole(64) >= 1 && whole(64) <= 3 && whole(68) >= 1 && whole(68) <= 3 &&
                      whole(72) >= 1 && whole(72) <= 3;
    if (sane(0) && sane(4) && sane(8) && whole(12) >= 0 && whole(12) <= 12 && axes) return true;
  }
  return false;
}

std::unique_ptr<FrameSource> open_mrc(const std::filesystem::path& path, const OpenOptions& options) {
  return std::make_unique<MrcFrames>(path, options);
}

}  // namespace sinterscope
