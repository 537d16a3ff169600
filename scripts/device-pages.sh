#!/bin/sh
# The page of every circuit device, from all of its benches: device-pages.sh OHMGRID FOLDER. Environment as for ohmgrid.
set -eu
ohmgrid=$1
folder=$2
"$ohmgrid" device list | awk '$2 == "circuit" { print $1 }' | while read -r name; do
  "$ohmgrid" device page "$name" --full -o "$folder"
done
