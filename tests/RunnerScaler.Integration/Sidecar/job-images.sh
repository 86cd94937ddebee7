# What workflows do with images that stay: each kind of command of docs/builds.md, one after the other.
digest() { docker inspect --format '{{index .RepoDigests 0}}' "$1" | cut -d @ -f 2; }
of_registry() { docker buildx imagetools inspect "$1" | sed -n 's/^Digest: *//p'; }

# built, under several names, for several platforms, and with what is attested of it
docker build -t app:1 -t app:latest .
docker buildx build --load --provenance=mode=max -t "$image:checked" .
printf 'FROM scratch\nCOPY Dockerfile /\n' >many.dockerfile
docker build --platform linux/amd64,linux/arm64 -f many.dockerfile -t "$image:many" .
printf 'target "default" {\n context = "."\n dockerfile-inline = "FROM app:1"\n tags = ["baked"]\n}\n' >docker-bake.hcl
docker buildx bake --load
docker image inspect baked >/dev/null

# scanned as a file, pushed by digest, and then again under another name
docker save -o checked.tar "$image:checked"
tar -xOf checked.tar index.json | grep -F "$(digest "$image:checked")"
docker tag app:1 "$image:1"
docker tag app:1 "$image:2"
docker push "$image:1"
docker push --all-tags "$image"
for tag in 1 2 checked many; do [ "$(of_registry "$image:$tag")" = "$(digest "$image:$tag")" ]; done

# built on, saved, loaded, and its files taken out
printf 'FROM app:1\nCOPY --from=app /app/message /copy\n' | docker build -t next -
docker save next | gzip >next.tar.gz
docker rmi next
docker load <next.tar.gz
docker images --format '{{.Repository}}:{{.Tag}}' | grep -x next:latest
docker history next | grep -F /copy
container=$(docker create next)
docker cp "$container:/copy" copy
grep 'built as 0' copy
docker export "$container" | docker import - flat:1
docker rm "$container"
docker create --name flat flat:1
docker cp flat:/app/message - | tar -xO | cmp - copy
docker container prune -f

# promoted by reference, and all tags at once
promoted=$(digest "$image:1")
docker system df
docker system prune -af
[ -z "$(docker images -q)" ]
docker pull "$image:1"
docker tag "$image:1" ghcr.io/acme/prod:1
docker push ghcr.io/acme/prod:1
[ "$(of_registry ghcr.io/acme/prod:1)" = "$promoted" ]
docker pull --all-tags "$image" | tee pulled
grep "Status: Downloaded newer image for $image" pulled
[ "$(docker images -q "$image" | sort -u | wc -l)" = 3 ]
printf 'FROM scratch\nCOPY --from=%s /app/message /\n' "$image:1" | docker build --output result -
cmp result/message copy
container=$(docker create "$image:1")
docker cp "$container:/app/message" - | tar -xO | cmp - copy

# what cannot be, in docker's own words
refused() { words=$1; shift; if "$@" 2>said; then return 1; fi; grep "$words" said; }
refused 'needs a Docker daemon' docker run "$image:1"
refused 'An image does not exist locally with the tag' docker push "$image:never-built"
refused 'not found' docker pull "$image:never-pushed"
refused 'cannot be loaded' docker load -i Dockerfile
refused 'not a valid repository/tag' docker tag "$image:1" 'No Reference'
