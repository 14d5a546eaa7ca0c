# Sluice on the current Node LTS. Build: docker build -t sluice .
# Run: docker run -v ./sluice.yaml:/etc/sluice/sluice.yaml:ro -v sluice:/var/lib/sluice -p 587:587 sluice
FROM node:26-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:26-bookworm-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:26-bookworm-slim
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="An inline SMTP policy proxy" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /opt/sluice
COPY package.json LICENSE ./
COPY config config
COPY --from=packages /packages/node_modules node_modules
COPY --from=build /build/dist dist
# The embedded store's place: `store: { embedded: { path: /var/lib/sluice/sluice.db } }`.
RUN mkdir -p /var/lib/sluice && chown node:node /var/lib/sluice
VOLUME /var/lib/sluice
USER node
EXPOSE 465 587 8025
# `http.address` must have port 8025, at any address.
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8025/readyz').then((page) => process.exit(page.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/sluice/dist/cli/main.js"]
CMD ["serve", "--config", "/etc/sluice/sluice.yaml"]
