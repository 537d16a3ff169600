nobase_dist_pkgdata_DATA += %D%/costs/isaac-32nm.yaml
nobase_dist_pkgdata_DATA += %D%/write-half.yaml
