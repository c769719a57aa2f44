// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/noise.h"
