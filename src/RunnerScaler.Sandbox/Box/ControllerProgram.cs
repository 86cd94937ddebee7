using System.Collections.Immutable;

namespace RunnerScaler.Sandbox.Box;

/// <summary>A build of the controller, and how it is started.</summary>
/// <param name="File">What is run.</param>
/// <param name="Arguments">What stands before the controller's own arguments.</param>
/// <param name="Environment">Variables that its image sets.</param>
internal sealed record ControllerProgram(
    string File, ImmutableArray<string> Arguments, ImmutableDictionary<string, string> Environment)
{
    /// <summary>The environment variable that names a published controller: native code, as its image has it.</summary>
    public const string Variable = "RUNNERSCALER_CONTROLLER";

    private static readonly ImmutableDictionary<string, string> image =
        ImmutableDictionary<string, string>.Empty.Add("DOTNET_GCgen0size", "400000");

    /// <summary>The published one, as <see cref="Variable"/> says now; null if it says nothing.</summary>
    public static string? Native =>
        System.Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? file : null;

    /// <summary>The published one if there is one, else what was built with this program, on the same .NET.</summary>
    public static ControllerProgram Chosen => Native is { } native ? new(native, [], image) : new(
        System.Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "RunnerScaler.dll")],
        ImmutableDictionary<string, string>.Empty);

    private static bool IsDotnet(string path) =>
        string.Equals(Path.GetFileNameWithoutExtension(path), "dotnet", StringComparison.OrdinalIgnoreCase);
}
