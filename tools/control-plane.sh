#!/usr/bin/env bash
# A real Kubernetes API server with its etcd on free loopback ports, for tests and benchmarks.
#
# Usage: KUBEBUILDER_ASSETS=FOLDER tools/control-plane.sh DIR
#
# Writes into DIR
#   admin.kubeconfig      the user admin, by client certificate
#   provider.kubeconfig   the user provider, by bearer token, so that the audit log tells who wrote;
#                         CONTROL_PLANE_USER=NAME and CONTROL_PLANE_GROUPS=GROUP,… make it another,
#                         such as a service account
#   audit.log             one JSON line for each request of both users and of service accounts
#   etcd.log  kube-apiserver.log  etcd.pid  kube-apiserver.pid
#   port                  the API server's port
#   ready                 made when the API server answers
# and runs until its standard input ends or it gets SIGTERM: the servers never outlive who started
# them, however that one died. CONTROL_PLANE_AUTHORIZATION=RBAC makes roles matter; without it
# everybody may do everything.
set -euo pipefail

dir=$1
assets=${KUBEBUILDER_ASSETS:?names the folder with kube-apiserver and etcd; see tools/envtest.sh}
mkdir -p "$dir"
cd "$dir"

free_ports() { # N ports that nobody listens on, all different
  python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])' "$1"
}

certificates() {
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -subj /CN=provider-discord-tests -days 2 -out ca.crt
  signed server /CN=kube-apiserver 'subjectAltName=IP:127.0.0.1,DNS:localhost'
  signed admin /O=system:masters/CN=admin 'extendedKeyUsage=clientAuth'
  openssl genrsa -out service-account.key 2048
}
signed() { # NAME SUBJECT EXTENSION
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
    -extfile <(echo "$3") -out "$1.crt"
}

kubeconfig() { # FILE USER CREDENTIALS
  cat >"$1" <<CONFIG
apiVersion: v1
kind: Config
current-context: tests
clusters:
  - name: tests
    cluster: {server: "https://127.0.0.1:$kube_port", certificate-authority: $dir/ca.crt}
users:
  - name: $2
    user: {$3}
contexts:
  - name: tests
    context: {cluster: tests, user: $2}
CONFIG
}

children=()
stop() {
  trap - EXIT TERM INT
  # The API server first: without its etcd it would only complain.
  local index
  for ((index = ${#children[@]} - 1; index >= 0; index--)); do
    kill -KILL "${children[$index]}" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}
trap stop EXIT
trap 'exit 0' TERM INT

dir=$PWD
read -r etcd_port peer_port kube_port < <(free_ports 3)
echo "$kube_port" >port
certificates >openssl.log 2>&1
token=$(openssl rand -hex 16)
user=${CONTROL_PLANE_USER:-provider}
echo "$token,$user,provider-uid,\"${CONTROL_PLANE_GROUPS:-provider}\"" >tokens.csv
kubeconfig admin.kubeconfig admin "client-certificate: $dir/admin.crt, client-key: $dir/admin.key"
kubeconfig provider.kubeconfig provider "token: $token"
cat >audit-policy.yaml <<POLICY
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: Metadata, users: [admin, "$user"]}
  # With tokens that the API server itself gives (Tests/Chart/accounts.py).
  - {level: Metadata, userGroups: ["system:serviceaccounts"]}
  - {level: None}
POLICY

# Nothing here outlives the test, so nothing is worth a disk flush.
"$assets/etcd" --data-dir "$dir/etcd" --unsafe-no-fsync --logger zap \
  --listen-client-urls "http://127.0.0.1:$etcd_port" \
  --advertise-client-urls "http://127.0.0.1:$etcd_port" \
  --listen-peer-urls "http://127.0.0.1:$peer_port" \
  --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
  --initial-cluster "default=http://127.0.0.1:$peer_port" </dev/null >etcd.log 2>&1 &
children+=($!)
echo $! >etcd.pid

# No controller manager runs, so no service account is made in a namespace: that admission is off.
"$assets/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" \
  --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$kube_port" \
  --cert-dir "$dir" --tls-cert-file server.crt --tls-private-key-file server.key \
  --client-ca-file ca.crt --token-auth-file tokens.csv --anonymous-auth=false \
  --authorization-mode "${CONTROL_PLANE_AUTHORIZATION:-AlwaysAllow}" \
  --disable-admission-plugins ServiceAccount \
  --service-account-issuer https://localhost --service-account-key-file service-account.key \
  --service-account-signing-key-file service-account.key --service-cluster-ip-range 10.0.0.0/24 \
  --audit-policy-file audit-policy.yaml --audit-log-path "$dir/audit.log" \
  </dev/null >kube-apiserver.log 2>&1 &
children+=($!)
echo $! >kube-apiserver.pid

answers() {
  python3 - "https://127.0.0.1:$kube_port/readyz" "$token" "$dir/ca.crt" <<'PYTHON'
import ssl, sys, urllib.request
url, token, ca = sys.argv[1:]
request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token})
urllib.request.urlopen(request, timeout=5, context=ssl.create_default_context(cafile=ca)).read()
PYTHON
}
deadline=$((SECONDS + 60))
until answers 2>/dev/null; do
  for child in "${children[@]}"; do
    kill -0 "$child" 2>/dev/null || { echo "a server ended; see $dir/*.log" >&2; exit 1; }
  done
  [ "$SECONDS" -lt "$deadline" ] || { echo "no answer in 60 s; see $dir/*.log" >&2; exit 1; }
  sleep 0.2
done
touch ready

# `read` returns when the standard input ends or a signal comes.
while read -r _; do :; done
