# The server as it is hosted over HTTP; docs/hosting.md says how to run it. It needs no writable file system.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json LICENSE ./
COPY src src
COPY scripts/build scripts/build
RUN npm run build

FROM node:22-bookworm-slim
WORKDIR /app
# Every start is the first one here; there is nothing to keep compiled code for.
ENV NODE_ENV=production NODE_DISABLE_COMPILE_CACHE=1
COPY LICENSE ./
COPY --from=build /app/dist dist
# A number, since Kubernetes cannot tell by a name that it is not root.
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/index.js"]
# Refused until arguments in its place say who may call, and by which name.
CMD ["--transport", "http", "--host", "0.0.0.0"]
