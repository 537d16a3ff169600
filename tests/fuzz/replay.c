/* SPDX-License-Identifier: BSD-3-Clause */
/* Gives every file named on the command line to a fuzz target, once. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

/* The block is as long as the file, so that a sanitizer sees the first byte too far. */
static int replay(const char *path) {
  FILE *f = fopen(path, "rb");
  if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
    perror(path);
    if (f != NULL) fclose(f);
    return 0;
  }
  long size = ftell(f);
  uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
  rewind(f);
  int good = size >= 0 && data != NULL && fread(data, 1, (size_t)size, f) == (size_t)size;
  if (good) LLVMFuzzerTestOneInput(data, (size_t)size);
  free(data);
  fclose(f);
  return good;
}

int main(int argc, char **argv) {
  int bad = argc < 2;
  for (int k = 1; k < argc; k++) bad |= !replay(argv[k]);
  printf("%d inputs\n", argc - 1);
  return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
