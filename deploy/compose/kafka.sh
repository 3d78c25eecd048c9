#!/bin/sh
# Starts one of three Kafka nodes (KRaft, broker and controller in one). The image's own start script cannot create SCRAM
# users, and without them no agency could sign in to a new cluster: so the storage is formatted here, once, with them.
# Agencies sign in by password over TLS; the nodes know each other by certificates of the exchange's own authority.
set -eu
umask 077
node=${KAFKA_NODE:?}
home=${KAFKA_HOME:-/opt/kafka}
certificates=${KAFKA_CERTIFICATES:-/run/kafka}
settings=${KAFKA_SETTINGS:-/tmp/server.properties}
cat >"$settings" <<PROPERTIES
process.roles=broker,controller
node.id=$node
controller.quorum.voters=1@kafka-1:9094,2@kafka-2:9094,3@kafka-3:9094
listeners=CLIENT://${KAFKA_BIND:-0.0.0.0}:9092,REPLICA://${KAFKA_BIND:-0.0.0.0}:9093,CONTROLLER://${KAFKA_BIND:-0.0.0.0}:9094
advertised.listeners=CLIENT://kafka-$node:9092,REPLICA://kafka-$node:9093,CONTROLLER://kafka-$node:9094
listener.security.protocol.map=CLIENT:SASL_SSL,REPLICA:SSL,CONTROLLER:SSL
inter.broker.listener.name=REPLICA
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.client.ssl.client.auth=none
listener.name.replica.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location=$certificates/node.pem
ssl.truststore.type=PEM
ssl.truststore.location=$certificates/ca.crt
log.dirs=${KAFKA_DATA:-/var/lib/kafka/data}/log
auto.create.topics.enable=false
default.replication.factor=3
min.insync.replicas=2
unclean.leader.election.enable=false
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
PROPERTIES
"$home/bin/kafka-storage.sh" format --ignore-formatted --cluster-id "${KAFKA_CLUSTER_ID:?}" --config "$settings" \
  --add-scram "SCRAM-SHA-512=[name=commission,password=${COMMISSION_PASSWORD:?}]" \
  --add-scram "SCRAM-SHA-512=[name=organization,password=${ORGANIZATION_PASSWORD:?}]" \
  --add-scram "SCRAM-SHA-512=[name=inspection,password=${INSPECTION_PASSWORD:?}]"
# Only these went to the format command; the broker itself has no need to know them.
unset COMMISSION_PASSWORD ORGANIZATION_PASSWORD INSPECTION_PASSWORD
# To standard error instead of files: the root file system is read-only.
export LOG_DIR=/tmp/kafka-logs EXTRA_ARGS='-name kafkaServer'
export KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=$home/config/tools-log4j2.yaml"
export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xms512m -Xmx512m}"
exec "$home/bin/kafka-server-start.sh" "$settings"
