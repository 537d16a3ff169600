/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "config/ogi_locate.h"

static int ends_in(const char *text, const char *end) {
  size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

int ogi_locate_is_path(const char *name) { return strchr(name, '/') != NULL || ends_in(name, ".yaml"); }

og_status ogi_locate(char **path, const char *data_dir, const char *folder, const char *name, const char *tail,
                     og_error *err) {
  if (ogi_locate_is_path(name)) {
    *path = ogi_strdup(name);
  } else {
    const char *root = data_dir != NULL ? data_dir : OG_PKGDATADIR;
    size_t size = strlen(root) + strlen(folder) + strlen(name) + strlen(tail) + 3;
    *path = ogi_alloc(size, 1);
    if (*path != NULL) snprintf(*path, size, "%s/%s/%s%s", root, folder, name, tail);
  }
  return *path != NULL ? OG_OK : ogi_fail(err, OG_E_NOMEM, "%s", name);
}

og_status ogi_locate_name(char *out, size_t size, const char *path, const char *tail, og_error *err) {
  const char *end = path + strlen(path);
  if (ends_in(path, tail)) end -= strlen(tail);
  else if (ends_in(path, ".yaml")) end -= strlen(".yaml");
  const char *start = end;
  while (start > path && start[-1] != '/') start--;
  size_t length = (size_t)(end - start);
  if (length == 0 || length >= size)
    return ogi_fail(err, OG_E_INPUT, "%s: saw a name of %zu bytes, need 1 .. %zu", path, length, size - 1);
  memcpy(out, start, length);
  out[length] = '\0';
  return OG_OK;
}
