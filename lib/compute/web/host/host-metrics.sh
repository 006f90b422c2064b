#!/usr/bin/env bash
# Measures a host that runs nginx alone, under the names of lambda/hosts/host-metrics.ts: one line of JSON, which
# CloudWatch turns into metrics.
# shellcheck source-path=SCRIPTDIR source=../../host/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

memory=$(awk '/^MemTotal/ { total = $2 } /^MemAvailable/ { free = $2 } END { printf "%.1f", 100 * (1 - free / total) }' /proc/meminfo)
disk=$(df --output=pcent / | tail -n 1 | tr -dc 0-9)
nginx=$(cat "$ROOT/run/nginx.pid" 2>/dev/null || echo 0)
# 0 while nginx does not run.
uptime=$(ps -o etimes= -p "$nginx" 2>/dev/null | tr -dc 0-9) || uptime=0
# In kilobytes: of the process that began, and of those that it started.
megabytes=$({ ps -o rss= -p "$nginx" --ppid "$nginx" 2>/dev/null || true; } | awk '{ sum += $1 } END { printf "%d", sum / 1000 }')

units='{"Name":"MemoryUsedPercent","Unit":"Percent"},{"Name":"RootDiskUsedPercent","Unit":"Percent"}'
units+=',{"Name":"ProcessMemoryMegabytes","Unit":"Megabytes"},{"Name":"ProcessUptimeSeconds","Unit":"Seconds"}'
printf '{"_aws":{"Timestamp":%s000,"CloudWatchMetrics":[{"Namespace":"%s","Dimensions":[["Role"]],"Metrics":[%s]}]},' \
  "$(date +%s)" "$METRICS_NAMESPACE" "$units"
printf '"Role":"%s","MemoryUsedPercent":%s,"RootDiskUsedPercent":%s,"ProcessMemoryMegabytes":%s,"ProcessUptimeSeconds":%s}\n' \
  "$ROLE" "$memory" "$disk" "$megabytes" "$uptime"
