# A small image: no compiler, a user without rights, a check of its health.
#   docker build --tag certlib .     (--build-arg EXTRA=nightly: without the notebooks)
#   docker run --rm --publish 127.0.0.1:8888:8888 certlib
#   docker run --rm --volume "$PWD:/data" certlib nightly fleet.toml
FROM python:3.13-slim AS made
ARG EXTRA=lab
ENV UV_PROJECT_ENVIRONMENT=/opt/certlib UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
WORKDIR /src
COPY . .
RUN pip install --quiet uv
RUN uv sync --quiet --locked --no-editable --no-default-groups --extra "$EXTRA" --extra nightly

FROM python:3.13-slim
COPY --from=made /opt/certlib /opt/certlib
RUN useradd --create-home --uid 1000 certlib && install --directory --owner certlib /data
ENV PATH=/opt/certlib/bin:$PATH PYTHONUNBUFFERED=1
USER certlib
WORKDIR /data
EXPOSE 8888
# A nightly run has ended before it is asked; the notebooks answer without their token.
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8888/api', timeout=3)"]
ENTRYPOINT ["certlib"]
CMD ["lab", "--no-browser", "--listen", "0.0.0.0", "--folder", "/data/notebooks"]
