#!/usr/bin/env bash
# Mounts the data volume on /data at every boot. Creates a file system only on a volume that was never written to.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
device=${DATA_DEVICE:-/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${DATA_VOLUME_ID/-/}}
folder=$ROOT/data

# An unwritten EBS volume reads as zeros. Both checks must agree, since formatting is the only irreversible step.
blank() { [[ -z $(blkid -p -o value "$1") ]] && cmp --silent --bytes=$((16 << 20)) "$1" /dev/zero; }

# Photos: owned by the application, unreadable for others.
media() { install --directory --owner="${SHOP_USER:-shop}" --group="${SHOP_USER:-shop}" --mode=0700 "$folder/media"; }

if mountpoint --quiet "$folder"; then
  media
  exit 0
fi

# The volume arrives once the previous instance has released it. The lifecycle hook limits the wait.
for ((seconds = 0; ; seconds++)); do
  [[ -e $device ]] && break
  ((seconds % 60)) || say "waiting for $device"
  sleep 1
done

type=$(blkid -p -s TYPE -o value "$device" || true)
if [[ $type != xfs ]]; then
  blank "$device" || {
    say "refusing to format $device: it is not blank (type '${type:-unknown}'), and it is not xfs"
    exit 1
  }
  say "creating a file system on $device"
  mkfs.xfs -q -L shop-data "$device"
fi
mkdir -p "$folder"
mount -o noatime,nodev,nosuid,noexec "$device" "$folder"
# Uses the space of an enlarged volume from the next boot on.
xfs_growfs "$folder" >/dev/null
media
say "$device is mounted on $folder"
