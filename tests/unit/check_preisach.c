/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>
#include "ogt.h"
int main(void) { return 0; }
