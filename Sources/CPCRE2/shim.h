// PCRE2 for UTF-8: without the width, its header declares nothing.
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
