FROM scratch AS build
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -p /app && echo "built as $(id -u)" >/app/message && chown -R 33:33 /app

FROM build AS migrations
CMD ["true"]

FROM scratch AS app
COPY --from=build /bin /bin
COPY --from=build /app /app
USER 33
CMD ["sleep", "infinity"]
