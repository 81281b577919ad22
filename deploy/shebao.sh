#!/bin/sh
# For root: the command as the service runs it, with its user, settings and directory. What root itself makes below
# /srv/shebao/var the service cannot write.
set -ea
. /etc/shebao/shebao.env
cd /srv/shebao
exec runuser -u shebao -- /opt/shebao/bin/shebao "$@"
