/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"

/*
 * Everything in the file to a block that grows from room bytes. A gzip stream without its end reads as a short file
 * whose error is Z_BUF_ERROR: half a list of numbers must not pass for the whole.
 */
static og_status read_all(char **out, size_t *length, gzFile file, size_t room, const char *path, size_t limit,
                          og_error *err) {
  og_status st = OG_OK;
  size_t used = 0;
  char *block = ogi_alloc(room + 1, 1);
  while (block != NULL) {
    unsigned want = room - used > (1u << 30) ? 1u << 30 : (unsigned)(room - used);
    int code, got = gzread(file, block + used, want);
    const char *words = gzerror(file, &code);
    if (got < 0 || code == Z_BUF_ERROR) {
      st = ogi_fail(err, OG_E_INPUT, "%s: damaged: %s", path, words);
      goto done;
    }
    used += (size_t)got;
    if (limit > 0 && used > limit) {
      st = ogi_fail(err, OG_E_INPUT, "%s: saw more bytes, need at most %zu", path, limit);
      goto done;
    }
    if ((unsigned)got < want) break;
    if (used == room) {
      char *larger = ogi_alloc(2 * room + 1, 1);
      if (larger != NULL) memcpy(larger, block, used);
      ogi_free(block);
      block = larger;
      room *= 2;
    }
  }
  if (block == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s: %zu bytes", path, room);
    goto done;
  }
  block[used] = '\0';
  *length = used;
  *out = block;
  block = NULL;
done:
  ogi_free(block);
  return st;
}

/* gzread passes plain files through and unpacks gzip, so one loop serves both. */
og_status ogi_file_read(char **out, size_t *length, const char *path, size_t limit, og_error *err) {
  size_t room = 1 << 16;
  struct stat info;
  *out = NULL;
  *length = 0;
  if (stat(path, &info) != 0) return ogi_fail(err, OG_E_INPUT, "%s: %s", path, strerror(errno));
  if (S_ISDIR(info.st_mode)) return ogi_fail(err, OG_E_INPUT, "%s: is a folder, need a file", path);
  gzFile file = gzopen(path, "rb");
  if (file == NULL) return ogi_fail(err, OG_E_INPUT, "%s: %s", path, strerror(errno));
  gzbuffer(file, 1 << 18);
  if (info.st_size > 0 && (uintmax_t)info.st_size < SIZE_MAX / 2) room = (size_t)info.st_size + 1;
  if (limit > 0 && room > limit) room = limit + 1; /* no more than what is refused anyway */
  og_status st = read_all(out, length, file, room, path, limit, err);
  gzclose_r(file);
  return st;
}

og_status ogi_writer_open(ogi_writer *w, const char *path, og_error *err) {
  struct stat info;
  memset(w, 0, sizeof *w);
  if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) /* a rename would put a file in the place of a device */
    return ogi_fail(err, OG_E_IO, "%s: cannot be written: saw a folder or device, need a regular file", path);
  size_t length = strlen(path) + sizeof ".XXXXXX.tmp";
  w->path = ogi_strdup(path);
  w->temporary = ogi_alloc(length, 1);
  if (w->path == NULL || w->temporary == NULL) {
    ogi_writer_abort(w);
    return ogi_fail(err, OG_E_NOMEM, "%s", path);
  }
  snprintf(w->temporary, length, "%s.XXXXXX.tmp", path);
  int fd = mkstemps(w->temporary, 4);
  if (fd < 0) {
    og_status st = ogi_fail(err, OG_E_IO, "%s: cannot be written: %s", path, strerror(errno));
    w->temporary[0] = '\0';
    ogi_writer_abort(w);
    return st;
  }
  mode_t mask = umask(0);
  umask(mask);
  (void)!fchmod(fd,
                0666 & ~mask); /* mkstemps makes 0600; results are for sharing. A refusal only leaves them private */
  w->stream = fdopen(fd, "wb");
  if (w->stream == NULL) {
    close(fd);
    ogi_writer_abort(w);
    return ogi_fail(err, OG_E_NOMEM, "%s", path);
  }
  return OG_OK;
}

og_status ogi_writer_commit(ogi_writer *w, og_error *err) {
  og_status st = OG_OK;
  int bad = fflush(w->stream) != 0 || ferror(w->stream);
  int why = errno;
  if (fclose(w->stream) != 0 && !bad) {
    bad = 1;
    why = errno;
  }
  w->stream = NULL;
  if (bad || rename(w->temporary, w->path) != 0) {
    st = ogi_fail(err, OG_E_IO, "%s: cannot be written: %s", w->path, strerror(bad ? why : errno));
    ogi_writer_abort(w);
    return st;
  }
  w->temporary[0] = '\0';
  ogi_writer_abort(w);
  return st;
}

void ogi_writer_abort(ogi_writer *w) {
  if (w->stream != NULL) fclose(w->stream);
  if (w->temporary != NULL && w->temporary[0] != '\0') unlink(w->temporary);
  ogi_free(w->temporary);
  ogi_free(w->path);
  memset(w, 0, sizeof *w);
}

og_status ogi_make_dir(const char *path, og_error *err) {
  char *copy = ogi_strdup(path);
  if (copy == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", path);
  og_status st = OG_OK;
  for (char *p = copy + 1;; p++) {
    if (*p != '/' && *p != '\0') continue;
    char kept = *p;
    *p = '\0';
    if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
      st = ogi_fail(err, OG_E_IO, "%s: folder cannot be made: %s", copy, strerror(errno));
      break;
    }
    if (kept == '\0') break;
    *p = kept;
  }
  struct stat info;
  if (st == OG_OK && (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)))
    st = ogi_fail(err, OG_E_IO, "%s: is not a folder", path);
  ogi_free(copy);
  return st;
}

char *ogi_path_join(const char *folder, const char *name) {
  size_t length = strlen(folder) + strlen(name) + 2;
  char *path = ogi_alloc(length, 1);
  if (path != NULL) snprintf(path, length, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);
  return path;
}

int ogi_file_exists(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

void ogi_locale_begin(ogi_locale *l) {
  locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  l->ours = c;
  l->before = c != (locale_t)0 ? uselocale(c) : NULL;
}

void ogi_locale_end(ogi_locale *l) {
  if (l->ours == NULL) return;
  uselocale((locale_t)l->before);
  freelocale((locale_t)l->ours);
  l->ours = NULL;
}

og_status ogi_make_parent(const char *path, og_error *err) {
  og_status st = OG_OK;
  char *parent = ogi_strdup(path);
  if (parent == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", path);
  char *slash = strrchr(parent, '/');
  if (slash != NULL && slash != parent) {
    *slash = '\0';
    st = ogi_make_dir(parent, err);
  }
  ogi_free(parent);
  return st;
}
