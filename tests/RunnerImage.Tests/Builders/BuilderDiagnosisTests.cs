using RunnerImage.Builders;

namespace RunnerImage.Tests.Builders;

public sealed class BuilderDiagnosisTests
{
    private const string Identity = "         0          0 4294967295";
    private const string Mapped = "         0     131072      65536";
    private const string Address = "unix:///run/buildkit/buildkitd.sock";

    [Theory]
    [InlineData("UserNamespaces", Identity, true)]
    [InlineData("UserNamespaces", Mapped, false)]
    [InlineData("UserNamespaces", null, false)]
    [InlineData("Baseline", Identity, false)]
    [InlineData("Compatible", Identity, false)]
    [InlineData(null, Identity, false)]
    public void APodMustNotRunWithTheNodesIdsIfItAskedForItsOwn(string? profile, string? map, bool refused)
    {
        var problem = BuilderDiagnosis.Guard(profile, new BuilderFacts(SocketTry.Missing, map));
        Assert.Equal(refused, problem is not null);
        if (refused)
            Assert.Contains("hostUsers", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 4294967295", true)]
    [InlineData(Identity, true)]
    [InlineData("         0          0 4294967295\n", true)]
    [InlineData("0 0 65536", false)]
    [InlineData("0 1000 1\n1 100000 65536", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void AnIdentityMapIsKnown(string? map, bool identity) =>
        Assert.Equal(identity, BuilderDiagnosis.IsIdentity(map));

    /// <summary>Each cause, and what the sentence must name for the one who acts.</summary>
    public static TheoryData<string, string?, string[]> Causes => new()
    {
        { "Denied", "Baseline", ["permission denied", "supplementalGroups: [1000]"] },
        { "Missing", "Baseline", ["is not there", "buildkitd", "log", "seccompProfile", "SETUID"] },
        { "Missing", "Compatible", ["is not there", "buildkitd", "log"] },
        { "Refused", "Baseline", ["nobody listens", "memory limit"] },
        { "Failed", "Baseline", ["must be a unix socket", "volume"] },
        { "Missing max=0", "Baseline", ["user.max_user_namespaces", "16384"] },
        { "Refused max=0", "UserNamespaces", ["user.max_user_namespaces"] },
        { "Missing clone=0", "Baseline", ["kernel.unprivileged_userns_clone", "to 1"] },
        { "Missing restrict=1", "Baseline", ["kernel.apparmor_restrict_unprivileged_userns", "appArmorProfile"] },
        { "Missing armor", "Baseline", ["AppArmor", "appArmorProfile", "mount"] },
        { "Missing armor", "UserNamespaces", ["AppArmor", "appArmorProfile"] },
        { "Missing armor", "Compatible", ["is not there"] },
        { "Missing armor-unconfined", "Baseline", ["is not there"] },
        { "Denied max=0", "Baseline", ["supplementalGroups"] },
        { "Connected", "Baseline", ["only after 60 s"] },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public void TheCauseIsNamed(string facts, string? profile, string[] words)
    {
        var sentence = BuilderDiagnosis.Explain(Address, profile, Facts(facts), TimeSpan.FromSeconds(60));
        Assert.All(words.Append(Address), w => Assert.Contains(w, sentence, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', sentence);
    }

    /// <summary>What the node cannot have caused is not blamed on it.</summary>
    [Theory]
    [InlineData("Missing max=1", "max_user_namespaces")]
    [InlineData("Missing clone=1", "unprivileged_userns_clone")]
    [InlineData("Missing restrict=0", "AppArmor")]
    [InlineData("Missing", "sysctl")]
    public void AFactThatIsFineIsNotNamed(string facts, string word) => Assert.DoesNotContain(
        word, BuilderDiagnosis.Explain(Address, "Baseline", Facts(facts), TimeSpan.FromSeconds(60)),
        StringComparison.Ordinal);

    private static BuilderFacts Facts(string words)
    {
        var parts = words.Split(' ');
        var facts = new BuilderFacts(Enum.Parse<SocketTry>(parts[0]), Identity);
        return parts.Length == 1 ? facts : parts[1].Split('=') switch
        {
            ["max", var value] => facts with { MaxUserNamespaces = value },
            ["clone", var value] => facts with { UnprivilegedUserNamespaces = value },
            ["restrict", var value] => facts with { RestrictedUserNamespaces = value },
            ["armor"] => facts with { AppArmorEnabled = "Y", AppArmorProfile = "cri-containerd.apparmor.d (enforce)" },
            ["armor-unconfined"] => facts with { AppArmorEnabled = "Y", AppArmorProfile = "unconfined" },
            _ => throw new ArgumentException(words, nameof(words)),
        };
    }
}
