/* SPDX-License-Identifier: MIT */
/* Does nothing, and does it well. */
int main(void)
{
	return 0;
}
