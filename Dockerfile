# Fencepost on Node.js and Debian, with MIT Kerberos (kinit, tickets, keytabs) and OpenSSH's ssh-keygen (approvals), as a user without rights.
# docs/install.md says how it is built and run. The image by its digest is safer: docker buildx imagetools inspect node:24.11.1-bookworm-slim
FROM node:24.11.1-bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends krb5-user libgssapi-krb5-2 openssh-client \
 && rm -rf /var/lib/apt/lists/*
COPY fencepost-*.tgz /opt/fencepost.tgz
RUN npm install --global --ignore-scripts --no-audit --no-fund /opt/fencepost.tgz \
 && rm -rf /opt/fencepost.tgz /root/.npm
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin fencepost \
 && install --directory --owner=fencepost --group=fencepost --mode=0700 /var/lib/fencepost
ENV FENCEPOST_STATE_DIR=/var/lib/fencepost HOME=/home/fencepost
VOLUME /var/lib/fencepost
WORKDIR /work
USER 10001:10001
ENTRYPOINT ["fencepost"]
CMD ["--help"]
