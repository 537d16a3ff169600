/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <ohmgrid/ohmgrid.h>

const char *og_version(void) { return PACKAGE_VERSION; }

const char *og_status_name(og_status status) {
  switch (status) {
#define X(name, value, exit_status, text) \
  case OG_##name: return #name;
    OG_STATUS_LIST(X)
#undef X
  }
  return "?";
}

const char *og_status_text(og_status status) {
  switch (status) {
#define X(name, value, exit_status, text) \
  case OG_##name: return text;
    OG_STATUS_LIST(X)
#undef X
  }
  return "unknown status";
}

int og_status_exit(og_status status) {
  switch (status) {
#define X(name, value, exit_status, text) \
  case OG_##name: return exit_status;
    OG_STATUS_LIST(X)
#undef X
  }
  return 1;
}
