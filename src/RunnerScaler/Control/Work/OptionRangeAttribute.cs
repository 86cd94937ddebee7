namespace RunnerScaler.Control.Work;

/// <summary>
/// The least and the greatest value of an option, as people write them. The check at the start, <c>--help</c> and the
/// test of <c>docs/configuration.md</c> have them from here.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionRangeAttribute(string least, string most) : Attribute
{
    public string Least => least;

    public string Most => most;

    /// <summary>Whether 0 is a value as well: never.</summary>
    public bool OrNever { get; init; }
}
