// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Debian's ITK 5.2 was configured with GCC alone: its generated itk_compiler_detection.h stops every other
// compiler. Included ahead of ITK (clang++, clang-tidy), this takes the place of that header.
#if defined(__clang__) && defined(__cplusplus)
#define ITK_COMPILER_DETECTION_H
#define ITK_COMPILER_IS_Clang 1
#define ITK_COMPILER_IS_GNU 0
#define ITK_COMPILER_IS_MSVC 0
#define ITK_COMPILER_CXX_ALIGNAS 1
#define ITK_COMPILER_CXX_ALIGNOF 1
#define ITK_COMPILER_CXX_CONSTEXPR 1
#define ITK_COMPILER_CXX_NOEXCEPT 1
#define ITK_COMPILER_CXX_THREAD_LOCAL 1
#define ITK_ALIGNAS(X) alignas(X)
#define ITK_ALIGNOF(X) alignof(X)
#define ITK_DEPRECATED [[deprecated]]
#define ITK_DEPRECATED_MSG(MSG) [[deprecated(MSG)]]
#define ITK_CONSTEXPR constexpr
#define ITK_DELETED_FUNCTION = delete
#define ITK_EXTERN_TEMPLATE extern
#define ITK_FINAL final
#define ITK_NOEXCEPT noexcept
#define ITK_NOEXCEPT_EXPR(X) noexcept(X)
#define ITK_NULLPTR nullptr
#define ITK_OVERRIDE override
#define ITK_STATIC_ASSERT(X) static_assert(X, #X)
#define ITK_STATIC_ASSERT_MSG(X, MSG) static_assert(X, MSG)
#define ITK_THREAD_LOCAL thread_local
#endif
