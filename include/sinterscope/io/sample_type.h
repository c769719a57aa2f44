// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The number types of pixels on disk, and the way from their bytes to a matrix that loses nothing.
//
// OpenCV has no 32-bit unsigned and no 64-bit integers: they become CV_64F, exact below 2^53. Half floats
// become CV_32F. Every other type stays what it is.

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

#include "sinterscope/io/input_file.h"

namespace sinterscope {

enum class SampleType { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, f32, f64 };

std::size_t bytes_of(SampleType type);
/// numpy name: "uint8", "float32", "bool", ...
const char* name_of(SampleType type);
/// The OpenCV depth that holds every value of the type: CV_8U, ...
int depth_of(SampleType type);
/// Whether that matrix holds the samples bit for bit, so that they can be read straight into it.
bool matrix_holds(SampleType type);

/// Turns `rows` x `columns` samples at `bytes` into a matrix of depth_of(type).
cv::Mat matrix_from_bytes(const void* bytes, int rows, int columns, SampleType type, ByteOrder order);

/// One contiguous image of a file, read straight into the matrix where its type and byte order allow.
cv::Mat read_matrix(const InputFile& file, std::uint64_t offset, int rows, int columns, SampleType type,
                    ByteOrder order);

}  // namespace sinterscope
