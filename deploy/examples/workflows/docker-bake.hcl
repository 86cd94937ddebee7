# metadata-action fills this target with tags and labels; here is what a build by hand uses.
target "docker-metadata-action" {
  tags = ["ghcr.io/acme/app:dev"]
}

group "all" {
  targets = ["app", "migrations"]
}

target "app" {
  inherits = ["docker-metadata-action"]
  target   = "app"
}

target "migrations" {
  target = "migrations"
  tags   = ["ghcr.io/acme/app-migrations:dev"]
}
