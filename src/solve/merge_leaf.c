/* SPDX-License-Identifier: BSD-3-Clause */
/** Index tables of the merges inside a leaf: which numbers of two equal blocks meet when they become one. */
#include <config.h>

#include "solve/ogi_merge.h"

static int lower(int i, int j) { return i >= j ? OGI_TRIANGLE(i) + j : OGI_TRIANGLE(j) + i; }

/* A port of the merged block: which part it comes from, and its number there. */
typedef struct port {
  int owner, index;
} port;

/* First port of each group in a block. */
static int group_start(int height, int width, int group) {
  const int start[OGI_GROUPS] = {0, height, height + width, height + 2 * width};
  return start[group];
}

/* Ports of group g that stay: both parts keep the groups along the cut, one keeps each group across it. */
static int add_ports(port *ports, int count, const ogi_level *part, int group, int side_by_side) {
  int across = side_by_side ? group == OGI_L || group == OGI_R : group == OGI_T || group == OGI_D;
  int size = group == OGI_L || group == OGI_R ? part->height : part->width;
  for (int owner = 0; owner < 2; owner++) {
    int kept_by = group == OGI_L || group == OGI_T ? 0 : 1;
    if (across && owner != kept_by) continue;
    for (int i = 0; i < size; i++)
      ports[count++] = (port){owner, group_start(part->height, part->width, group) + i};
  }
  return count;
}

static void make_level(ogi_level *out, const ogi_level *part, int side_by_side) {
  int h = part->height, w = part->width, size = OGI_TRIANGLE(2 * (h + w)), count = 0;
  port ports[OGI_LEAF_PORTS];
  out->height = side_by_side ? h : 2 * h;
  out->width = side_by_side ? 2 * w : w;
  out->k = side_by_side ? h : w;
  for (int g = 0; g < OGI_GROUPS; g++) count = add_ports(ports, count, part, g, side_by_side);
  out->n = count;
  int gone[2] = {group_start(h, w, side_by_side ? OGI_R : OGI_D), group_start(h, w, side_by_side ? OGI_L : OGI_T)};
  for (int i = 0; i < out->k; i++)
    for (int j = 0; j < out->k; j++)
      for (int o = 0; o < 2; o++) out->shared[i][j][o] = o * size + lower(gone[o] + i, gone[o] + j);
  for (int i = 0; i < count; i++) {
    port p = ports[i];
    for (int j = 0; j < out->k; j++) out->coupling[i][j] = p.owner * size + lower(p.index, gone[p.owner] + j);
    for (int j = 0; j < count; j++)
      out->stay[i][j] = p.owner == ports[j].owner ? p.owner * size + lower(p.index, ports[j].index) : 2 * size;
  }
}

void ogi_leaf_plan_init(ogi_leaf_plan *plan) {
  plan->levels[1].height = 1;
  plan->levels[1].width = 2;
  for (int l = 2; l <= OGI_LEAF_LEVELS; l++) make_level(&plan->levels[l], &plan->levels[l - 1], l % 2);
}
