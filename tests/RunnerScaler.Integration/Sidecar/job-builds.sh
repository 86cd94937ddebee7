# Builds and pushes as Docker's own actions do.
docker buildx create --name mine --driver docker-container --use
docker buildx inspect --bootstrap mine
docker buildx build --progress plain --push --tag "$image:first" .
docker buildx build --progress plain --push --tag "$image:second" .
docker buildx rm mine
docker build --progress plain --push --tag "$image:plain" .
