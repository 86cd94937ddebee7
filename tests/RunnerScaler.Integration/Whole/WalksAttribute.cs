namespace RunnerScaler.Integration.Whole;

/// <summary>Rows of <c>docs/conditions.md</c> that a test sees at a running controller.</summary>
/// <param name="rows">Each as <c>type status reason</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WalksAttribute(params string[] rows) : Attribute
{
    public IReadOnlyList<string> Rows => rows;
}
