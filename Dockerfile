# The bundled program. It is the same on every architecture, so this stage always runs on that of the builder.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
WORKDIR /svidwatch
COPY package.json package-lock.json ./
COPY tools/node-runtime/package.json tools/node-runtime/
RUN npm ci
COPY . .
# Node reads source maps only if it is asked to, and they would be two thirds of the program.
RUN npm run build && rm dist/*.map
# Where Node comes without its license, that of the same Node in npm's package takes its place.
RUN cp /usr/local/LICENSE node.LICENSE || cp node_modules/node-linux-*/LICENSE node.LICENSE

# What the program runs on: Node without its symbols, the libraries that Node is linked to, and their licenses. Scanners for
# vulnerabilities find Debian's packages in status.d, where there is no package manager.
FROM node:24-bookworm-slim AS system
RUN apt-get update && apt-get install --yes --no-install-recommends binutils
WORKDIR /system
RUN set -eu; \
    mkdir -p etc tmp usr/local/bin usr/share/doc var/lib/dpkg/status.d; \
    chmod 1777 tmp; \
    strip --strip-unneeded -o usr/local/bin/node /usr/local/bin/node; \
    for library in $(ldd /usr/local/bin/node | grep -o '/[^ ]*'); do \
        cp --parents --dereference "$library" .; \
        owners=$(dpkg-query --search "*/${library##*/}"); \
        for package in $(echo "$owners" | cut -d: -f1 | sort -u); do \
            install -D --mode=644 "/usr/share/doc/$package/copyright" "usr/share/doc/$package/copyright"; \
            dpkg-query --status "$package" > "var/lib/dpkg/status.d/$package"; \
        done; \
    done; \
    cp --recursive --parents /usr/share/common-licenses .; \
    cp --dereference /etc/os-release etc/; \
    echo 'hosts: files dns' > etc/nsswitch.conf; \
    printf 'root:x:0:0:root:/:/sbin/nologin\nsvidwatch:x:65532:65532:svidwatch:/:/sbin/nologin\n' > etc/passwd; \
    printf 'root:x:0:\nsvidwatch:x:65532:\n' > etc/group

FROM scratch
COPY --from=system /system/ /
COPY --from=build /svidwatch/node.LICENSE /usr/local/LICENSE
WORKDIR /svidwatch
COPY package.json LICENSE ./
COPY --from=build /svidwatch/dist/ dist/
# Any other user will do: no file belongs to this one, and nothing is written.
USER 65532:65532
ENV PATH=/usr/local/bin
ENV NODE_ENV=production
# Most of the 36 threads that libuv starts allocate a little, and glibc would give each second one a heap of its own: 5 MB in all.
ENV MALLOC_ARENA_MAX=2
STOPSIGNAL SIGTERM
# Without a bound, what is parsed and thrown away in the first list of 100,000 objects lets the process grow by 150 MB for good.
ENTRYPOINT ["node", "--max-semi-space-size=4", "dist/main.js"]
ARG VERSION=
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="svidwatch" \
      org.opencontainers.image.description="Watches SPIFFE X.509-SVIDs from issuance to expiry and exports Prometheus metrics" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE"
