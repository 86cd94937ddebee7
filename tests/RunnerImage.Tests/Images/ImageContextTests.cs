using RunnerImage.Buildx;
using RunnerImage.Images;

namespace RunnerImage.Tests.Images;

/// <summary>Which images of the store a build is told of.</summary>
public sealed class ImageContextTests
{
    private static readonly OciDescriptor Root = new(MediaTypes.Manifest, "sha256:" + new string('1', 64), 1);

    [Theory]
    [InlineData("FROM app:1", "app:1")]
    [InlineData("from --platform=linux/arm64 app:1 as x", "app:1")]
    [InlineData("FROM app", "app")]
    [InlineData("FROM app:latest", "app")]
    [InlineData("FROM docker.io/library/app:1", "app:1")]
    [InlineData("FROM scratch\nCOPY --from=ghcr.io/acme/tool /x /", "ghcr.io/acme/tool")]
    [InlineData("FROM scratch\nRUN --mount=type=bind,from=app:1,target=/x \\\n  make", "app:1")]
    [InlineData("FROM \\\n  app:1", "app:1")]
    [InlineData("# escape=`\nFROM `\n  app:1", "app:1")]
    [InlineData("FROM \"app:1\"", "app:1")]
    [InlineData("ARG B\nFROM $B", "app app:1 ghcr.io/acme/tool")]
    [InlineData("FROM ${B:-x}\nFROM x AS app", "app:1 ghcr.io/acme/tool")]
    [InlineData("FROM x AS App\nFROM app", "")]
    [InlineData("# FROM app:1\nFROM other", "")]
    [InlineData("", "")]
    [InlineData("FROM", "")]
    [InlineData("\0\xff", "")]
    public void OnlyWhatIsAskedForIsNamed(string dockerfile, string contexts) =>
        Assert.Equal(contexts, Contexts(DockerfileNames.Parse(dockerfile)));

    /// <summary>A Dockerfile that cannot be read may have a stage of any name that a stage can have.</summary>
    [Fact]
    public void WhatMayBeAStageIsNotNamedBlindly() => Assert.Equal("app:1 ghcr.io/acme/tool", Contexts(null));

    [Fact]
    public void TheUsersOwnContextStays() =>
        Assert.Equal("app", Contexts(DockerfileNames.Parse("FROM app:1\nFROM app"), "APP:1"));

    [Theory]
    [InlineData("docker-image://app:1", "base")]
    [InlineData("docker-image://docker.io/library/app", "base")]
    [InlineData("docker-image://ghcr.io/acme/tool:latest", "base")]
    [InlineData("docker-image://app:2", "")]
    [InlineData("docker-image://", "")]
    [InlineData("docker-image://A B", "")]
    [InlineData("app:1", "")]
    [InlineData("", "")]
    public void AContextThatIsAnImageHereIsLent(string value, string contexts) => Assert.Equal(
        contexts, string.Join(' ', ImageContexts.InPlaceOf(Images, [new("base", value)]).Select(c => c.Name)));

    [Fact]
    public void AContextOfAnImageByItsDigestIsLent()
    {
        var other = "sha256:" + new string('2', 64);

        Assert.Single(ImageContexts.InPlaceOf(Images, [new("base", $"docker-image://app@{Root.Digest}")]));
        Assert.Empty(ImageContexts.InPlaceOf(Images, [new("base", $"docker-image://app@{other}")]));
    }

    private static string Contexts(DockerfileNames? dockerfile, params string[] given) => string.Join(' ',
        ImageContexts.For(Images, dockerfile, given).Select(c => c.Name));

    private static IReadOnlyList<StoredImage> Images =>
    [
        .. ((string[])["app", "app:1", "ghcr.io/acme/tool"])
            .Select(n => new StoredImage(Root, ImageReference.Parse(n))),
        new(Root, null),
    ];
}
