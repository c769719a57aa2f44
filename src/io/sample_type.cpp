// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/sample_type.h"

#include <vector>

namespace sinterscope {
namespace {

struct Row {
  SampleType type;
  std::size_t bytes;
  const char* name;
  int depth;
};

constexpr std::array<Row, 12> rows_of_types{{{SampleType::boolean, 1, "bool", CV_8U},
                                             {SampleType::u8, 1, "uint8", CV_8U},
                                             {SampleType::i8, 1, "int8", CV_8S},
                                             {SampleType::u16, 2, "uint16", CV_16U},
                                             {SampleType::i16, 2, "int16", CV_16S},
                                             {SampleType::u32, 4, "uint32", CV_64F},
                                             {SampleType::i32, 4, "int32", CV_32S},
                                             {SampleType::u64, 8, "uint64", CV_64F},
                                             {SampleType::i64, 8, "int64", CV_64F},
                                             {SampleType::f16, 2, "float16", CV_32F},
                                             {SampleType::f32, 4, "float32", CV_32F},
                                             {SampleType::f64, 8, "float64", CV_64F}}};

const Row& row_of(SampleType type) { return rows_of_types[static_cast<std::size_t>(type)]; }

template <typename Sample>
void widen(const unsigned char* bytes, cv::Mat& target, ByteOrder order) {
  auto* out = target.ptr<double>();
  for (std::size_t i = 0; i < target.total(); ++i)
    out[i] = static_cast<double>(number_from<Sample>(bytes + i * sizeof(Sample), order));
}

template <typename Word>
void swap_words(unsigned char* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Word word;
    std::memcpy(&word, bytes + i * sizeof(Word), sizeof(Word));
    word = swap_bytes(word);
    std::memcpy(bytes + i * sizeof(Word), &word, sizeof(Word));
  }
}

// Brings samples that lie in a matrix of the same layout into the machine's byte order.
void to_native_order(cv::Mat& matrix, SampleType type, ByteOrder order) {
  if (order == machine_order) return;
  switch (bytes_of(type)) {
    case 2:
      swap_words<std::uint16_t>(matrix.data, matrix.total());
      break;
    case 4:
      swap_words<std::uint32_t>(matrix.data, matrix.total());
      break;
    case 8:
      swap_words<std::uint64_t>(matrix.data, matrix.total());
      break;
    default:
      break;
  }
}

}  // namespace

std::size_t bytes_of(SampleType type) { return row_of(type).bytes; }
const char* name_of(SampleType type) { return row_of(type).name; }
int depth_of(SampleType type) { return row_of(type).depth; }

bool matrix_holds(SampleType type) {
  return type != SampleType::u32 && type != SampleType::u64 && type != SampleType::i64 &&
         type != SampleType::f16;
}

cv::Mat matrix_from_bytes(const void* bytes, int rows, int columns, SampleType type, ByteOrder order) {
  cv::Mat result(rows, columns, depth_of(type));
  const auto* source = static_cast<const unsigned char*>(bytes);
  switch (type) {
    case SampleType::u32:
      widen<std::uint32_t>(source, result, order);
      break;
    case SampleType::u64:
      widen<std::uint64_t>(source, result, order);
      break;
    case SampleType::i64:
      widen<std::int64_t>(source, result, order);
      break;
    case SampleType::f16: {
      cv::Mat halves(rows, columns, CV_16S);
      std::memcpy(halves.data, source, halves.total() * 2);
      to_native_order(halves, type, order);
      cv::convertFp16(halves, result);
      break;
    }
    default:
      std::memcpy(result.data, source, result.total() * bytes_of(type));
      to_native_order(result, type, order);
  }
  return result;
}

cv::Mat read_matrix(const InputFile& file, std::uint64_t offset, int rows, int columns, SampleType type,
                    ByteOrder order) {
  const std::uint64_t count =
      static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(columns) * bytes_of(type);
  file.require(offset, count, "pixel data");
  if (matrix_holds(type)) {
    cv::Mat result(rows, columns, depth_of(type));
    file.read(offset, result.data, count, "pixel data");
    to_native_order(result, type, order);
    return result;
  }
  std::vector<unsigned char> bytes(count);
  file.read(offset, bytes.data(), count, "pixel data");
  return matrix_from_bytes(bytes.data(), rows, columns, type, order);
}

}  // namespace sinterscope
