FROM node:24-bookworm-slim AS build
WORKDIR /svidwatch
COPY package.json package-lock.json ./
COPY tools/node-runtime/package.json tools/node-runtime/
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
WORKDIR /svidwatch
COPY --from=build /svidwatch/package.json ./
COPY --from=build /svidwatch/dist/ dist/
USER 65532:65532
ENV NODE_ENV=production
# Most of the 36 threads that libuv starts allocate a little, and glibc would give each second one a heap of its own: 5 MB in all.
ENV MALLOC_ARENA_MAX=2
# Without a bound, what is parsed and thrown away in the first list of 100,000 objects lets the process grow by 150 MB for good.
ENTRYPOINT ["node", "--max-semi-space-size=4", "dist/main.js"]
