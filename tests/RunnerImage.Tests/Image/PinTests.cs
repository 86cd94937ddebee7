using System.Text.RegularExpressions;

namespace RunnerImage.Tests.Image;

/// <summary>What an image or its release is made of is named by its content, so that it cannot change unseen.</summary>
public sealed partial class PinTests
{
    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("Dockerfile.runner")]
    public void EveryBaseHasADigest(string file)
    {
        var text = Source.Read(file);
        var defaults = Argument().Matches(text).ToDictionary(
            m => m.Groups["name"].Value, m => m.Groups["value"].Value);
        var bases = Base().Matches(text).Select(m => m.Groups["image"].Value).ToArray();

        Assert.NotEmpty(bases);
        Assert.All(bases, image => Assert.Matches(@"^\$\{\w+_IMAGE\}$", image));
        Assert.All(bases, image => Assert.Matches(@"^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$", defaults[image[2..^1]]));
    }

    [Fact]
    public void EveryDownloadHasAChecksumForEachPlatform()
    {
        var text = Source.Read("Dockerfile.runner");
        var tools = Version().Matches(text).Select(m => m.Groups["tool"].Value).ToArray();

        Assert.Equal(["TINI", "KUBECTL", "COSIGN", "TRIVY"], tools);
        Assert.All(from tool in tools from platform in new[] { "AMD64", "ARM64" } select $"{tool}_SHA256_{platform}",
            sum => Assert.Matches($"(?m)^ARG {sum}=[0-9a-f]{{64}}$", text));
        Assert.DoesNotContain("curl", text);
    }

    [Fact]
    public void EveryActionToBringAlongIsACommit() => Assert.All(
        Source.Read("deploy/images/actions.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1),
        line => Assert.Matches(@"^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line));

    [Theory]
    [InlineData("release.yaml")]
    [InlineData("ci.yaml")]
    public void EveryActionOfOurWorkflowsIsACommit(string workflow)
    {
        var uses = Use().Matches(Source.Read($".github/workflows/{workflow}")).Select(m => m.Value)
            .Where(use => !use.StartsWith("uses: ./", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(uses);
        Assert.All(uses, use => Assert.Matches(@"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", use));
    }

    [GeneratedRegex(@"^ARG (?<name>\w+)=(?<value>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Argument();

    [GeneratedRegex(@"^FROM (?:--platform=\S+ )?(?<image>\S+)", RegexOptions.Multiline)]
    private static partial Regex Base();

    [GeneratedRegex(@"^ARG (?<tool>\w+)_VERSION=", RegexOptions.Multiline)]
    private static partial Regex Version();

    [GeneratedRegex(@"uses: .*$", RegexOptions.Multiline)]
    private static partial Regex Use();
}
