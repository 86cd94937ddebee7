using System.Reflection;
using Xunit.v3;

namespace RunnerScaler.Integration.Whole;

/// <summary>A walk through rows of <c>docs/conditions.md</c>.</summary>
internal static class Walk
{
    /// <summary>Fails unless the running test has seen all rows that its <see cref="WalksAttribute"/> names.</summary>
    public static void AssertDone(ControllerBox box)
    {
        var method = ((IXunitTestMethod)TestContext.Current.TestMethod!).Method;
        var rows = method.GetCustomAttribute<WalksAttribute>()!.Rows;
        Assert.Empty(rows.Except(box.Seen.Select(r => r.ToString())));
    }
}
