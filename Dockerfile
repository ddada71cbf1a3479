# partdemo alone, for a PostgreSQL server that runs elsewhere: see docker-compose.yml.
FROM debian:12-slim AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        gcc libc6-dev make cmake pkg-config scdoc \
        libpq-dev liblua5.4-dev libsmartcols-dev libjansson-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cmake --preset release -DBUILD_TESTING=OFF -DCMAKE_INSTALL_PREFIX=/usr/local \
    && cmake --build --preset release \
    && DESTDIR=/out cmake --install build/release --strip

FROM debian:12-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libpq5 liblua5.4-0 libsmartcols1 libjansson4 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --shell /usr/sbin/nologin partdemo
COPY --from=build /out/usr/local /usr/local
# Trees and tables are drawn in UTF-8.
ENV LANG=C.UTF-8
USER partdemo
WORKDIR /home/partdemo
ENTRYPOINT ["partdemo"]
CMD ["help"]
