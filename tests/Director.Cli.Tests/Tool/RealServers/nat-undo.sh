#!/bin/sh
# Real server of masqueraded services (NAT), with the director's fd00:2::254 as its gateway: takes back what the script without --undo does.
# To be run as root on the real server, not on the director.

# Then set the former default route again.
ip -6 route del default via fd00:2::254
