using System.Xml.Linq;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>What is delivered needs nothing of the tests, and only the sandbox knows the controller.</summary>
internal static class ProjectRule
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["RunnerScaler.Protocol"] = [],
        ["RunnerImage"] = ["RunnerScaler.Protocol"],
        ["RunnerScaler"] = ["RunnerScaler.Protocol"],
        ["RunnerScaler.Sandbox"] = ["RunnerScaler.Protocol", "RunnerScaler"],
    };

    /// <summary>What only tests and measurements have in common.</summary>
    private const string Shared = "RunnerScaler.RealCluster";

    private static readonly string[] OnlyForTests =
        ["xunit", "CsCheck", ".Testing", "NJsonSchema", "CodeAnalysis.CSharp"];

    /// <param name="file">A project's file.</param>
    public static IEnumerable<Finding> Check(SourceFile file)
    {
        var name = Path.GetFileNameWithoutExtension(file.Path);
        var project = XDocument.Parse(file.Text);
        foreach (var other in Named(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r)))
            if (!Allowed(file, name, other))
                yield return new Finding(file.Path, 1,
                    $"{name} may not use {other}: see ProjectRule for the direction");
        foreach (var package in Named(project, "PackageReference"))
            if (file.IsUnder("src") && OnlyForTests.Any(p => package.Contains(p, StringComparison.Ordinal)))
                yield return new Finding(file.Path, 1,
                    $"{name} is delivered and takes {package}, which is for tests");
    }

    private static bool Allowed(SourceFile file, string name, string other) => file.IsUnder("src")
        ? MayUse.GetValueOrDefault(name, []).Contains(other)
        : MayUse.ContainsKey(other) || (other == Shared && name != Shared);

    private static IEnumerable<string> Named(XDocument project, string element) =>
        project.Descendants(element).Select(e => (string?)e.Attribute("Include") ?? "");
}
