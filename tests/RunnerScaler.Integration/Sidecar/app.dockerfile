FROM scratch AS build
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN echo "ids: $(tr -s ' \n' ' ,' </proc/self/uid_map)"
RUN if cat /proc/[0-9]*/cmdline | grep -q 'buildkit[d]'; then echo 'sees the daemon'; else echo 'sees itself alone'; fi
RUN mkdir -p /app && echo "built as $(id -u)" >/app/message && chown -R 33:33 /app

FROM scratch
COPY --from=build /bin /bin
COPY --from=build /app /app
USER 33
CMD ["cat", "/app/message"]
