# One image for every role: docker run heliograph serve | web | worker | doctor
FROM python:3.13-slim-trixie AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY activitypub activitypub
COPY api api
COPY federation federation
COPY media media
COPY node node
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . && /venv/bin/python -m compileall -q /venv/lib

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin heliograph \
    && install -d -o heliograph -g heliograph /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    HELIOGRAPH_DATA_DIR=/data HELIOGRAPH_HOST=0.0.0.0 HELIOGRAPH_PORT=8000 HELIOGRAPH_LOG_FORMAT=json
USER heliograph
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["heliograph"]
CMD ["serve"]
