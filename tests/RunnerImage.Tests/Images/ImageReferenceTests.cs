using RunnerImage.Images;

namespace RunnerImage.Tests.Images;

public sealed class ImageReferenceTests
{
    private const string Hash = "sha256:0123456789012345678901234567890123456789012345678901234567890123";

    [Theory]
    [InlineData("app", "docker.io/library/app:latest", "app:latest", "app")]
    [InlineData("app:1.2-x_Y", "docker.io/library/app:1.2-x_Y", "app:1.2-x_Y", "app:1.2-x_Y")]
    [InlineData("acme/app", "docker.io/acme/app:latest", "acme/app:latest", "acme/app")]
    [InlineData("docker.io/app", "docker.io/library/app:latest", "app:latest", "app")]
    [InlineData("index.docker.io/acme/app:1", "docker.io/acme/app:1", "acme/app:1", "acme/app:1")]
    [InlineData("ghcr.io/acme/a/b:1", "ghcr.io/acme/a/b:1", "ghcr.io/acme/a/b:1", "ghcr.io/acme/a/b:1")]
    [InlineData("localhost/app", "localhost/app:latest", "localhost/app:latest", "localhost/app")]
    [InlineData("127.0.0.1:5000/app", "127.0.0.1:5000/app:latest", "127.0.0.1:5000/app:latest", "127.0.0.1:5000/app")]
    [InlineData("[::1]:5000/app:2", "[::1]:5000/app:2", "[::1]:5000/app:2", "[::1]:5000/app:2")]
    [InlineData("a__b/c---d/e.f", "docker.io/a__b/c---d/e.f:latest", "a__b/c---d/e.f:latest", "a__b/c---d/e.f")]
    [InlineData("app@" + Hash, "docker.io/library/app:latest", "app:latest", "app")]
    public void NamesAreCompletedAsDockerDoes(string text, string name, string familiar, string context)
    {
        var reference = ImageReference.Parse(text)!;

        Assert.Equal((name, familiar, context), (reference.Name, reference.Familiar, reference.ContextName));
        Assert.Equal(reference with { Digest = null, Tag = reference.Tag ?? "latest" },
            ImageReference.Parse(reference.Familiar));
    }

    [Theory]
    [InlineData("")]
    [InlineData("App")]
    [InlineData("app:")]
    [InlineData("app:-1")]
    [InlineData("app::1")]
    [InlineData("a//b")]
    [InlineData("/app")]
    [InlineData("app/")]
    [InlineData("a..b")]
    [InlineData("a___b")]
    [InlineData("a._b")]
    [InlineData("../app")]
    [InlineData("a b")]
    [InlineData("app@sha256:12")]
    [InlineData("app@" + Hash + "0")]
    [InlineData("ghcr.io:x/app")]
    [InlineData("[::1/app")]
    [InlineData("-a.b/app")]
    [InlineData("äpp")]
    [InlineData("--output=x")]
    [InlineData("oci:x@y")]
    public void WhatIsNoNameIsNone(string text) => Assert.Null(ImageReference.Parse(text));

    [Fact]
    public void ALongNameIsNone()
    {
        Assert.Null(ImageReference.Parse(new string('a', 300)));
        Assert.Null(ImageReference.Parse("a:" + new string('a', 129)));
    }

    [Theory]
    [InlineData("127.0.0.1:5000/a", true)]
    [InlineData("127.9.9.9/a", true)]
    [InlineData("localhost:1/a", true)]
    [InlineData("[::1]:5000/a", true)]
    [InlineData("a", false)]
    [InlineData("10.0.0.1/a", false)]
    [InlineData("localhost.evil.example/a", false)]
    public void TheOwnMachineIsKnown(string text, bool loopback) =>
        Assert.Equal(loopback, ImageReference.Parse(text)!.IsLoopback);
}
