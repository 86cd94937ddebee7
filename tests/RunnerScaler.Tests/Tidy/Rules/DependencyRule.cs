using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Dependencies point one way: <c>docs/architecture.md</c> shows which.</summary>
internal static partial class DependencyRule
{
    private const string Controller = "src/RunnerScaler";
    private const string Sandbox = "src/RunnerScaler.Sandbox";
    private const string Protocol = "src/RunnerScaler.Protocol";

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Scaling"] = [],
        ["Explaining"] = ["Scaling"],
        ["Control"] = ["Explaining", "Scaling"],
        ["GitHub"] = ["Control", "Scaling"],
        ["Kubernetes"] = ["Control", "Scaling"],
        ["Web"] = ["Control", "Explaining", "Scaling"],
        ["Telemetry"] = ["Control", "Explaining", "Scaling"],
        ["Hosting"] = ["Web", "GitHub", "Kubernetes", "Telemetry", "Control", "Explaining", "Scaling"],
    };

    private static readonly string[] PureOfProtocol = ["System"];

    private static readonly string[] PureOfController =
        ["System", "RunnerScaler.Protocol", "RunnerScaler.Scaling", "RunnerScaler.Explaining"];

    public static IEnumerable<Finding> Check(SourceFile file)
    {
        if (file.IsUnder(Controller))
            return CheckController(file, file.Path[(Controller.Length + 1)..]);
        if (file.IsUnder(Protocol))
            return CheckPurity(file, "The protocol", PureOfProtocol);
        return file.IsUnder(Sandbox) ? CheckSandbox(file) : [];
    }

    /// <summary>A using for all files of a project would hide who uses what.</summary>
    public static IEnumerable<Finding> CheckGlobal(SourceFile file) =>
        from Match use in Global().Matches(file.IsCSharp ? file.Code : file.Text)
        select new Finding(file.Path, file.LineAt(use.Index),
            "a using for all files hides what each depends on; write it in the files that need it");

    private static IEnumerable<Finding> CheckController(SourceFile file, string path)
    {
        var folder = path.Split('/') is { Length: > 1 } parts ? parts[0] : null;
        if (folder is null)
            yield break;
        if (!MayUse.TryGetValue(folder, out var allowed))
        {
            yield return new Finding(file.Path, 1,
                $"the folder {folder} has no place in the direction of dependencies; give it one in DependencyRule");
            yield break;
        }

        foreach (var use in Uses(file))
            if (use.Folder != folder && !allowed.Contains(use.Folder))
                yield return new Finding(file.Path, use.Line,
                    $"{folder} uses {use.Folder}; it may use {Listed(allowed)}. "
                    + "Declare a port in Control/Ports, or move what both need further down");
        if (folder is "Scaling" or "Explaining")
            foreach (var finding in CheckPurity(file, folder, PureOfController))
                yield return finding;
    }

    private static IEnumerable<Finding> CheckPurity(SourceFile file, string who, string[] pure)
    {
        foreach (Match use in Using().Matches(file.Code))
            if (use.Groups["name"].Value is var name && !IsOneOf(name, pure))
                yield return new Finding(file.Path, file.LineAt(use.Index),
                    $"{who} uses {name}; it may use {Listed(pure)} alone. Take the value as a parameter");
        foreach (Match use in Effect().Matches(file.Code))
            yield return new Finding(file.Path, file.LineAt(use.Index),
                $"{who} is pure, but here is {use.Value}. Decide here, and let its users act");
    }

    private static bool IsOneOf(string name, string[] namespaces) =>
        namespaces.Any(n => name == n || name.StartsWith(n + ".", StringComparison.Ordinal));

    private static IEnumerable<Finding> CheckSandbox(SourceFile file) =>
        from use in Uses(file)
        where use.Absolute || !Repository.Exists($"{Sandbox}/{use.Folder}")
        select new Finding(file.Path, use.Line,
            $"the sandbox uses the controller's {use.Folder}; "
            + "it may only speak HTTP with it, as GitHub and a cluster do");

    /// <summary>The controller's folders that a file names: in a using, or as the start of a qualified name.</summary>
    private static IEnumerable<(string Folder, bool Absolute, int Line)> Uses(SourceFile file) =>
        from Match match in Qualified().Matches(file.Code)
        where !Namespace().IsMatch(file.Code.AsSpan(0, match.Index))
        select (match.Groups["folder"].Value, match.Groups["root"].Success, file.LineAt(match.Index));

    private static string Listed(string[] folders) => folders.Length == 0 ? "nothing" : string.Join(", ", folders);

    [GeneratedRegex(
        @"(?<![\w.])(?:global::)?(?<root>RunnerScaler\.)?"
        + @"(?<folder>Scaling|Explaining|Control|GitHub|Kubernetes|Web|Telemetry|Hosting)"
        + @"(?:\b(?<=RunnerScaler\.\w+)|\.(?=[A-Z]))")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"\bglobal\s+using\b|<Using\s+Include=")]
    private static partial Regex Global();

    [GeneratedRegex(@"^namespace\s+\z", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?(?<name>[\w.]+)\s*[;<]", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(
        @"\b(?:async|await|Task|ValueTask|Thread|TimeProvider|ILogger\w*|HttpClient|Console|Environment"
        + @"|File|Directory|Stream)\b")]
    private static partial Regex Effect();
}
