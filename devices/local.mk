nobase_dist_pkgdata_DATA += %D%/rram-wan2022/card.yaml
EXTRA_DIST += %D%/rram-wan2022/model.md
