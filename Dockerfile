# One image for every process; compose.yaml says which one each container runs.
FROM node:22-slim AS browser
WORKDIR /otklik
COPY package.json package-lock.json ./
COPY webapp/vendor.mjs webapp/
RUN npm ci --omit=dev --no-audit --no-fund && node webapp/vendor.mjs

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /otklik
COPY requirements.txt pyproject.toml ./
RUN pip install -r requirements.txt
COPY . .
COPY --from=browser /otklik/webapp/static/vendor webapp/static/vendor
RUN pip install --no-deps --editable . \
    && for file in webapp/translations/*/LC_MESSAGES/messages.po; do \
         [ ! -e "$file" ] || pybabel compile --input-file "$file" --output-file "${file%.po}.mo"; done \
    && useradd --system --create-home otklik && install -d -o otklik -m 700 /var/lib/otklik
USER otklik
ENV OTKLIK_HOME=/var/lib/otklik OTKLIK_HOST=0.0.0.0
VOLUME /var/lib/otklik
EXPOSE 8800
CMD ["python", "-m", "webapp"]
