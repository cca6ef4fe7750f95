#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# certs.sh DIR - a test CA and certificates, good and bad, in DIR
#
# NAME.pem is a certificate (with what it needs to be sent along), NAME.key its
# key, good.pin the pin of good.pem's key.
set -eu
cd "$1"

cat >ca.cnf <<'END'
[ca]
default_ca = here
[here]
database = index
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = optional
END
: >index

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

past=20200101000000Z later=20210101000000Z now=20240101000000Z
never=20600101000000Z

# issue NAME ISSUER "SUBJECT" FROM TO EXTENSION...
issue() {
	local name=$1 issuer=$2 subject=$3 from=$4 to=$5
	shift 5
	[ -f "$name.key" ] || key "$name"
	openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr" \
		-config ca.cnf
	printf '%s\n' "$@" >"$name.ext"
	local how=(-cert "$issuer.crt" -keyfile "$issuer.key")
	[ "$issuer" != self ] || how=(-selfsign -keyfile "$name.key")
	openssl ca -batch -notext -config ca.cnf "${how[@]}" -in "$name.csr" \
		-startdate "$from" -enddate "$to" -extfile "$name.ext" \
		-out "$name.crt"
	cp "$name.crt" "$name.pem"
}
printf '[req]\ndistinguished_name = dn\n[dn]\n' >>ca.cnf

authority=("basicConstraints=critical,CA:TRUE" "keyUsage=keyCertSign,cRLSign")
issue ca self "/CN=cio test CA" $now $never "${authority[@]}"
issue other-ca self "/CN=some other CA" $now $never "${authority[@]}"
issue inter ca "/CN=cio test intermediate" $now $never "${authority[@]}"

names="subjectAltName=DNS:good.test,DNS:localhost,IP:127.0.0.1,IP:::1"
server="extendedKeyUsage=serverAuth"
issue good ca "/CN=good.test" $now $never "$names" "$server"
issue expired ca "/CN=good.test" $past $later "$names" "$server"
issue early ca "/CN=good.test" 20550101000000Z $never "$names" "$server"
issue host ca "/CN=good.test" $now $never "$server" \
	"subjectAltName=DNS:other.test,DNS:another.test,IP:10.1.2.3"
issue self self "/CN=good.test" $now $never "$names" "$server"
issue stranger other-ca "/CN=good.test" $now $never "$names" "$server"
issue purpose ca "/CN=good.test" $now $never "$names" \
	"extendedKeyUsage=clientAuth"
issue lone inter "/CN=good.test" $now $never "$names" "$server"
cp lone.key chained.key
cat lone.crt inter.crt >chained.pem
issue wild ca "/CN=wild.test" $now $never "$server" \
	"subjectAltName=DNS:*.wild.test,DNS:x*.part.test"
issue ip ca "/CN=ip" $now $never "$server" "subjectAltName=IP:127.0.0.1"
issue cn ca "/CN=good.test" $now $never "$server"
issue client ca "/CN=a client" $now $never "extendedKeyUsage=clientAuth"
issue bad-client other-ca "/CN=a stranger" $now $never \
	"extendedKeyUsage=clientAuth"
issue odd ca $'/CN=two\nlines' $now $never "$server" \
	"subjectAltName=DNS:odd.test"

openssl genrsa -out rsa.key 2048
issue rsa ca "/CN=good.test" $now $never "$names" "$server"
cp rsa.key large.key
issue large ca "/CN=a client with a large key" $now $never \
	"extendedKeyUsage=clientAuth"

openssl ec -in good.key -aes128 -passout pass:secret -out locked.key
cp good.pem locked.pem
printf 'this is no certificate\n' >junk.pem
mkdir -p many
cp ca.crt many/some-name.crt
cp junk.pem many/
mkdir -p none
openssl pkey -in good.key -pubout -outform der |
	openssl dgst -sha256 -binary | openssl base64 -A >good.pin
